//! Small networks for the tests of the rules: weights that are drawn, a pass forwards and backwards, and fixes applied to them.
//!
//! Values are `[examples · positions, units]`. Every row of the last layer is classified, with cross-entropy.

mod pass;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use tensor::{Activation, Tensor};

use self::pass::Pass;
use super::{Fix, Limits, Verdict};
use crate::report::{Expected, Role};
use crate::sites::{
    InputRole, NormKind, ParameterView, PassMode, RecordedLoss, Recording, SiteAxes, SiteInput, SiteKind,
    SiteView,
};

pub(in crate::judge) type Matrix = Tensor<f64>;

#[derive(Clone)]
pub(in crate::judge) struct Parameter {
    pub(in crate::judge) name: String,
    pub(in crate::judge) values: Vec<f64>,
    pub(in crate::judge) expected: Option<Expected>,
    shape: Vec<usize>,
    role: Role,
    /// The std with which it was drawn, and is drawn again; `None` for a constant.
    std: Option<f64>,
    groups: usize,
    stride: usize,
    transposed: bool,
}

#[derive(Clone)]
enum Op {
    Input(Matrix),
    Embedding(Vec<usize>),
    Linear,
    /// In one dimension. The padding keeps the number of positions, but for the stride.
    Convolution,
    Activation(Activation),
    Norm(NormKind),
    Sum,
    ResidualSum,
    Gate,
    /// A row of parameters times the signal.
    Scale,
    Scores,
    /// True with a causal mask.
    Softmax(bool),
    Mix,
}

#[derive(Clone)]
struct Layer {
    name: String,
    op: Op,
    inputs: Vec<usize>,
    weight: Option<usize>,
    bias: Option<usize>,
    units: usize,
    positions: usize,
}

/// A network and its batch.
#[derive(Clone)]
pub(in crate::judge) struct Net {
    rng: ChaCha8Rng,
    examples: usize,
    layers: Vec<Layer>,
    pub(in crate::judge) mode: PassMode,
    pub(in crate::judge) parameters: Vec<Parameter>,
}

impl Net {
    pub(in crate::judge) fn new(seed: u64, examples: usize) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self { rng, examples, layers: vec![], mode: PassMode::Train, parameters: vec![] }
    }

    /// 64 examples, hidden layers `fc1`, `fc2`, … of 64 units, and 10 classes.
    pub(in crate::judge) fn mlp(seed: u64, hidden: usize, function: Activation, gain: f64) -> Self {
        let mut net = Self::new(seed, 64);
        let mut x = net.input(64, 1);
        for layer in 1..=hidden {
            let product = net.linear(&format!("fc{layer}"), x, 64, gain);
            x = net.activation(product, function);
        }
        net.linear("head", x, 10, 0.5);
        net
    }

    /// `h = h + W₂ relu(W₁ h)`, behind a norm if there is one, with branches `block1.a` and `block1.b`.
    pub(in crate::judge) fn residual_mlp(
        seed: u64,
        blocks: usize,
        gain: f64,
        norm: Option<NormKind>,
    ) -> Self {
        let mut net = Self::new(seed, 64);
        let mut x = net.input(64, 1);
        for block in (1..=blocks).map(|block| format!("block{block}")) {
            let h = norm.map_or(x, |kind| net.norm(&format!("{block}.norm"), x, kind));
            let h = net.linear(&format!("{block}.a"), h, 64, 2f64.sqrt());
            let h = net.activation(h, Activation::Relu);
            let h = net.linear(&format!("{block}.b"), h, 64, gain);
            x = net.residual(&block, x, h);
        }
        let x = norm.map_or(x, |kind| net.norm("norm", x, kind));
        net.linear("head", x, 10, 0.5);
        net
    }

    /// GPT-2 with 4 blocks of one head: weights and embeddings from N(0, 0.02), a tied head.
    pub(in crate::judge) fn gpt2(seed: u64) -> Self {
        let mut net = Self::new(seed, 8);
        let gain = 0.02 * 64f64.sqrt();
        let table = net.embedding("wte", (50, 64), 16, 0.02);
        let mut x = table;
        for block in (1..=4).map(|block| format!("h.{block}")) {
            let h = net.norm(&format!("{block}.ln_1"), x, NormKind::Layer);
            let h = net.attention(&format!("{block}.attn"), h, gain, true);
            let h = net.linear(&format!("{block}.attn.c_proj"), h, 64, gain / 8f64.sqrt());
            x = net.residual(&format!("{block}.attention"), x, h);
            let h = net.norm(&format!("{block}.ln_2"), x, NormKind::Layer);
            let h = net.linear(&format!("{block}.mlp.c_fc"), h, 256, gain);
            let h = net.activation(h, Activation::GeluTanh);
            let h = net.linear(&format!("{block}.mlp.c_proj"), h, 64, 2.0 * gain / 8f64.sqrt());
            x = net.residual(&format!("{block}.mlp"), x, h);
        }
        let x = net.norm("ln_f", x, NormKind::Layer);
        net.tied("lm_head", x, table);
        net
    }

    fn normal(&mut self, count: usize, std: f64) -> Vec<f64> {
        let normal = |_| std * Distribution::<f64>::sample(&StandardNormal, &mut self.rng);
        (0..count).map(normal).collect()
    }

    fn parameter(&mut self, name: String, shape: &[usize], role: Role, std: f64) -> usize {
        let values = self.normal(shape.iter().product(), std);
        let (shape, std, expected) = (shape.to_vec(), Some(std), None);
        self.parameters.push(Parameter {
            name,
            values,
            expected,
            shape,
            role,
            std,
            groups: 1,
            stride: 1,
            transposed: false,
        });
        self.parameters.len() - 1
    }

    fn row(&mut self, name: String, units: usize, role: Role, value: f64) -> usize {
        let at = self.parameter(name, &[units], role, 0.0);
        (self.parameters[at].values, self.parameters[at].std) = (vec![value; units], None);
        at
    }

    fn layer(&mut self, name: &str, op: Op, inputs: &[usize], units: usize) -> usize {
        let positions = inputs.first().map_or(1, |&input| self.layers[input].positions);
        let (inputs, name) = (inputs.to_vec(), name.to_owned());
        self.layers.push(Layer { name, op, inputs, weight: None, bias: None, units, positions });
        self.layers.len() - 1
    }

    /// Examples from N(0, 1).
    pub(in crate::judge) fn input(&mut self, units: usize, positions: usize) -> usize {
        let rows = self.examples * positions;
        let values = self.normal(rows * units, 1.0);
        let at = self.layer("input", Op::Input(matrix(&values, rows)), &[], units);
        self.layers[at].positions = positions;
        at
    }

    /// Random tokens looked up in a table.
    pub(in crate::judge) fn embedding(
        &mut self,
        name: &str,
        (rows, units): (usize, usize),
        positions: usize,
        std: f64,
    ) -> usize {
        let tokens = (0..self.examples * positions).map(|at| ((at * 40_503) >> 3) % rows).collect();
        let weight = self.parameter(format!("{name}.weight"), &[rows, units], Role::Embedding, std);
        let at = self.layer(name, Op::Embedding(tokens), &[], units);
        (self.layers[at].weight, self.layers[at].positions) = (Some(weight), positions);
        at
    }

    /// A product with weights from N(0, gain²/fan-in), and a bias of 0.
    pub(in crate::judge) fn linear(&mut self, name: &str, input: usize, units: usize, gain: f64) -> usize {
        let fan_in = self.layers[input].units;
        let std = gain / (fan_in as f64).sqrt();
        let weight = self.parameter(format!("{name}.weight"), &[units, fan_in], Role::Weight, std);
        let bias = self.row(format!("{name}.bias"), units, Role::Bias, 0.0);
        let at = self.layer(name, Op::Linear, &[input], units);
        (self.layers[at].weight, self.layers[at].bias) = (Some(weight), Some(bias));
        at
    }

    /// A product with the weight of another layer.
    pub(in crate::judge) fn tied(&mut self, name: &str, input: usize, other: usize) -> usize {
        let weight = self.layers[other].weight.unwrap();
        let at = self.layer(name, Op::Linear, &[input], self.parameters[weight].shape[0]);
        self.layers[at].weight = Some(weight);
        at
    }

    /// A convolution with weights from N(0, gain²/fan-in); a transposed one if the stride is negative.
    pub(in crate::judge) fn convolution(
        &mut self,
        name: &str,
        input: usize,
        units: usize,
        (kernel, stride, groups): (usize, isize, usize),
        gain: f64,
    ) -> usize {
        let (entering, step, transposed) = (self.layers[input].units, stride.unsigned_abs(), stride < 0);
        let shape =
            if transposed { [entering, units / groups, kernel] } else { [units, entering / groups, kernel] };
        let fan_in = (entering / groups * kernel) as f64 / if transposed { step as f64 } else { 1.0 };
        let weight = self.parameter(format!("{name}.weight"), &shape, Role::Weight, gain / fan_in.sqrt());
        let parameter = &mut self.parameters[weight];
        (parameter.groups, parameter.stride, parameter.transposed) = (groups, step, transposed);
        let at = self.layer(name, Op::Convolution, &[input], units);
        self.layers[at].weight = Some(weight);
        let positions = self.layers[at].positions;
        self.layers[at].positions = if transposed { positions * step } else { positions / step };
        at
    }

    pub(in crate::judge) fn activation(&mut self, input: usize, function: Activation) -> usize {
        let name = format!("{}.{}", self.layers[input].name, function.name());
        self.layer(&name, Op::Activation(function), &[input], self.layers[input].units)
    }

    /// A normalisation with scale 1 and shift 0.
    pub(in crate::judge) fn norm(&mut self, name: &str, input: usize, kind: NormKind) -> usize {
        let units = self.layers[input].units;
        let weight = self.row(format!("{name}.weight"), units, Role::NormScale, 1.0);
        let bias = self.row(format!("{name}.bias"), units, Role::NormShift, 0.0);
        let at = self.layer(name, Op::Norm(kind), &[input], units);
        (self.layers[at].weight, self.layers[at].bias) = (Some(weight), Some(bias));
        at
    }

    pub(in crate::judge) fn residual(&mut self, name: &str, stream: usize, branch: usize) -> usize {
        self.layer(name, Op::ResidualSum, &[stream, branch], self.layers[stream].units)
    }

    pub(in crate::judge) fn sum(&mut self, name: &str, a: usize, b: usize) -> usize {
        self.layer(name, Op::Sum, &[a, b], self.layers[a].units)
    }

    pub(in crate::judge) fn gate(&mut self, name: &str, a: usize, b: usize) -> usize {
        self.layer(name, Op::Gate, &[a, b], self.layers[a].units)
    }

    /// A signal times a row of parameters, all of which have one value at first.
    pub(in crate::judge) fn scale(&mut self, name: &str, input: usize, value: f64) -> usize {
        let units = self.layers[input].units;
        let weight = self.row(format!("{name}.weight"), units, Role::Other, value);
        let at = self.layer(name, Op::Scale, &[input], units);
        self.layers[at].weight = Some(weight);
        at
    }

    /// Self-attention with one head, without the projection after it.
    pub(in crate::judge) fn attention(&mut self, name: &str, input: usize, gain: f64, causal: bool) -> usize {
        let units = self.layers[input].units;
        let [q, k, v] =
            ["q", "k", "v"].map(|part| self.linear(&format!("{name}.{part}"), input, units, gain));
        let positions = self.layers[input].positions;
        let scores = self.layer(&format!("{name}.scores"), Op::Scores, &[q, k], positions);
        let softmax = self.layer(&format!("{name}.softmax"), Op::Softmax(causal), &[scores], positions);
        self.layer(&format!("{name}.mix"), Op::Mix, &[softmax, v], units)
    }

    /// A softmax over the units of a layer, as of a router.
    pub(in crate::judge) fn softmax(&mut self, name: &str, input: usize) -> usize {
        self.layer(name, Op::Softmax(false), &[input], self.layers[input].units)
    }

    /// The last layer, whose values are the logits.
    pub(in crate::judge) fn last(&self) -> usize {
        self.layers.len() - 1
    }

    pub(in crate::judge) fn values(&self, name: &str) -> Vec<f64> {
        self.parameters.iter().find(|parameter| parameter.name == name).expect(name).values.clone()
    }

    /// The distribution that the scheme of a parameter implies.
    pub(in crate::judge) fn expect(&mut self, name: &str, expected: Expected) {
        let parameter = self.parameters.iter_mut().find(|parameter| parameter.name == name).expect(name);
        parameter.expected = Some(expected);
    }

    /// Changes the values of a parameter, given their index.
    pub(in crate::judge) fn edit(&mut self, name: &str, change: impl Fn(usize, f64) -> f64) {
        let parameter = self.parameters.iter_mut().find(|parameter| parameter.name == name).expect(name);
        parameter.values.iter_mut().enumerate().for_each(|(at, value)| *value = change(at, *value));
    }

    /// Changes the examples.
    pub(in crate::judge) fn edit_input(&mut self, change: impl Fn(f64) -> f64) {
        self.edit_input_at(|_, x| change(x));
    }

    /// Changes the examples, given the index of each value.
    pub(in crate::judge) fn edit_input_at(&mut self, change: impl Fn(usize, f64) -> f64) {
        for layer in &mut self.layers {
            if let Op::Input(values) = &mut layer.op {
                let changed: Vec<f64> =
                    values.data().iter().enumerate().map(|(at, &x)| change(at, x)).collect();
                *values = Tensor::from_vec(changed, values.shape().clone()).expect("as many values");
            }
        }
    }

    fn redraw(&mut self, name: &str, std: Option<f64>) {
        let at = self.parameters.iter().position(|parameter| parameter.name == name).expect(name);
        let std = std.or(self.parameters[at].std).expect("a constant is not drawn again");
        self.parameters[at].values = self.normal(self.parameters[at].values.len(), std);
    }

    pub(in crate::judge) fn apply(&mut self, fix: &Fix) {
        match fix {
            Fix::Scale { parameters, .. } => {
                parameters.iter().for_each(|(name, factor)| self.edit(name, |_, x| x * factor));
            }
            Fix::Centre { parameters } => {
                for (name, factor) in parameters {
                    let values =
                        &self.parameters.iter().find(|known| known.name == *name).expect(name).values;
                    let mean = values.iter().sum::<f64>() / values.len() as f64;
                    self.edit(name, |_, x| (x - mean) * factor);
                }
            }
            Fix::Set { parameters, value } => {
                parameters.iter().for_each(|name| self.edit(name, |_, _| *value));
            }
            Fix::Redraw { parameters, std } => parameters.iter().for_each(|name| self.redraw(name, *std)),
            Fix::NormaliseInput { mean, std, .. } => self.edit_input(|x| (x - mean) / std),
        }
    }

    pub(in crate::judge) fn loss(&self) -> f64 {
        self.pass().loss
    }

    pub(in crate::judge) fn recording(&self) -> Recording {
        let pass = self.pass();
        let sites = self.layers.iter().enumerate().map(|(at, layer)| self.site(layer, at, &pass)).collect();
        let parameters = self.parameters.iter().zip(&pass.of_parameters).map(|(parameter, gradient)| {
            let view = ParameterView {
                role: parameter.role,
                output_axis: usize::from(parameter.transposed),
                input_axis: usize::from(!parameter.transposed),
                groups: parameter.groups,
                stride: parameter.stride,
                gradient: Some(gradient[..].into()),
                ..ParameterView::new(&parameter.name, &parameter.values[..], &parameter.shape)
            };
            crate::RecordedParameter { expected: parameter.expected, ..view.measure() }
        });
        let mut recording = Recording::of(sites, parameters.collect()).expect("a network");
        recording.mode = self.mode;
        recording.loss = Some(RecordedLoss {
            value: pass.loss,
            kind: "cross_entropy".to_owned(),
            reduction: "mean".to_owned(),
            classes: self.layers.last().map(|layer| layer.units),
            logits: self.layers.len().checked_sub(1),
        });
        recording
    }

    fn site(&self, layer: &Layer, at: usize, pass: &Pass) -> crate::Site {
        let (kind, function, norm) = match &layer.op {
            Op::Input(_) => (SiteKind::Input, None, None),
            Op::Embedding(_) => (SiteKind::Embedding, None, None),
            Op::Linear => (SiteKind::Linear, None, None),
            Op::Convolution if self.parameters[layer.weight.unwrap()].transposed => {
                (SiteKind::TransposedConvolution, None, None)
            }
            Op::Convolution => (SiteKind::Convolution, None, None),
            Op::Activation(function) => (SiteKind::Activation, Some(*function), None),
            Op::Norm(kind) => (SiteKind::Norm, None, Some(*kind)),
            Op::Sum => (SiteKind::Sum, None, None),
            Op::ResidualSum => (SiteKind::ResidualSum, None, None),
            Op::Gate => (SiteKind::Gate, None, None),
            Op::Scale => (SiteKind::Scale, None, None),
            Op::Scores => (SiteKind::Scores, None, None),
            Op::Softmax(_) => (SiteKind::Softmax, None, None),
            Op::Mix => (SiteKind::Mix, None, None),
        };
        let axes = SiteAxes {
            examples: self.examples,
            before: layer.positions,
            units: layer.units,
            after: 1,
            example_first: true,
        };
        let view = SiteView::new(&layer.name, kind, pass.values[at].data(), axes);
        let view = SiteView { function, ..view }.gradient(pass.gradients[at].data());
        let role = |order: usize| {
            let roles = [InputRole::Stream, InputRole::Branch];
            matches!(layer.op, Op::ResidualSum).then_some(roles[order.min(1)])
        };
        let inputs = layer.inputs.iter().enumerate();
        let inputs = inputs.map(|(order, &site)| SiteInput { site, role: role(order) }).collect();
        crate::Site { inputs, norm, weight: layer.weight, bias: layer.bias, ..view.measure() }
    }

    pub(in crate::judge) fn verdicts(&self) -> Vec<Verdict> {
        Limits::default().judge_recordings(&[self.recording()])
    }

    /// The errors and warnings, each as `level[rule] location`.
    pub(in crate::judge) fn findings(&self) -> Vec<String> {
        self.verdicts().iter().filter(|verdict| verdict.is_finding()).map(head).collect()
    }

    /// The network after the fix of a verdict.
    #[track_caller]
    pub(in crate::judge) fn followed(&self, verdict: &Verdict) -> Self {
        let mut fixed = self.clone();
        fixed.apply(verdict.fix.as_ref().unwrap_or_else(|| panic!("no fix: {verdict}")));
        fixed
    }

    /// Asserts that the first verdict is this one, that a cause or the finding has these words, and that following its fix
    /// leaves no finding and no loss that is larger by more than [`COST`]. Returns the fixed network.
    #[track_caller]
    pub(in crate::judge) fn is_mended(&self, expected: &str, words: &str) -> Self {
        let verdicts = self.verdicts();
        let first = verdicts.first().unwrap_or_else(|| panic!("no verdict; expected {expected}"));
        assert_eq!(head(first), expected, "{}", texts(&verdicts));
        assert!(first.to_string().contains(words), "no `{words}` in {first}");
        let fixed = self.followed(first);
        let left = fixed.findings();
        assert!(left.is_empty(), "after {first}\nthere is {}", texts(&fixed.verdicts()));
        let [before, after] = [self, &fixed].map(Self::loss);
        assert!(before.is_nan() || after <= before + COST, "the loss went from {before} to {after}");
        fixed
    }
}

/// A number from 0 to 1 without a pattern.
pub(in crate::judge) fn uniform(at: usize) -> f64 {
    ((at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).wrapping_mul(0x2545_f491) as u32 as f64
        / 2f64.powi(32)
}

/// The loss that healthy logits may add to those of tiny ones: of variance v, they cost about v/2 nats.
const COST: f64 = 1.0;

/// Sites without values: a name, a kind and the names of what it reads, the stream of a sum before its branch.
pub(in crate::judge) fn sites(lines: &[(&str, SiteKind, Vec<&str>)]) -> Recording {
    let position = |name: &str| lines.iter().position(|line| line.0 == name).expect("an earlier name");
    let site = |(name, kind, inputs): &(&str, SiteKind, Vec<&str>)| {
        let roles = [InputRole::Stream, InputRole::Branch];
        let role = |order: usize| (*kind == SiteKind::ResidualSum).then_some(roles[order.min(1)]);
        let inputs = inputs.iter().enumerate();
        let inputs =
            inputs.map(|(order, input)| SiteInput { site: position(input), role: role(order) }).collect();
        crate::Site { inputs, ..SiteView::new(name, *kind, &[0.0][..], SiteAxes::rows(1, 1, 1)).measure() }
    };
    Recording::of(lines.iter().map(site).collect(), vec![]).expect("a network")
}

pub(in crate::judge) fn head(verdict: &Verdict) -> String {
    format!("{}[{}] {}", verdict.level.name(), verdict.rule, verdict.location())
}

fn texts(verdicts: &[Verdict]) -> String {
    verdicts.iter().map(|verdict| format!("{verdict}\n")).collect()
}

fn matrix(values: &[f64], rows: usize) -> Matrix {
    Tensor::from_vec(values.to_vec(), [rows, values.len() / rows]).expect("rows of equal length")
}
