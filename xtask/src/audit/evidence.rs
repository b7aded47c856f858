//! What one seed shows: the lesson's network under every start that its claims speak of.

use autograd::Tape;
use diagnostics::{Settings, Summary};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Distinct, Mlp, Parameter, Parameters, Role, Start, Trace};
use tensor::{Activation, Tensor};
use torch_rng::Generator;

use super::draw::Plan;
use crate::lesson::Stream;

/// Everything that the claims are measured on, at one seed; what no claim speaks of is not measured.
#[derive(Debug)]
pub struct Evidence {
    /// tanh, random init.
    pub random: Net,
    /// Its pre-activations, layer by layer.
    pub random_pre: Vec<Summary>,
    /// tanh, the lesson's Kaiming.
    pub kaiming: Net,
    /// Its embedding.
    pub table: Summary,
    /// What the lookup hands on there.
    pub embedded: Summary,
    /// The largest |bias| there.
    pub bias: f64,
    /// tanh, the lesson's Xavier.
    pub xavier: Net,
    /// ReLU, Kaiming.
    pub relu: Net,
    /// Sigmoid, Xavier.
    pub sigmoid: Net,
    /// tanh, Kaiming, six hidden layers: mean |gradient| of W1 over that of the last weight between hidden layers
    /// (the logits' weight has another fan-out).
    pub deep_kaiming: f64,
    /// The same under Xavier.
    pub deep_xavier: f64,
}

/// One network before its first step.
#[derive(Debug)]
pub struct Net {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// Hidden layers.
    pub layers: Vec<Layer>,
    /// Mean |gradient| of W1, W2, …; none where no claim speaks of them.
    pub grads: Vec<f64>,
    /// NaN and infinite values among activations and gradients.
    pub non_finite: u64,
}

/// One hidden layer over the batch.
#[derive(Debug)]
pub struct Layer {
    /// Activations.
    pub post: Summary,
    /// The share with |h| > 0.99.
    pub saturated: f64,
    /// Units with |h| > 0.99 in every example.
    pub stuck: usize,
}

/// The lesson's data and networks, shared by all seeds.
pub(super) struct Lab {
    stream: Stream,
    /// Rows that occur equally often stand together, so that a summary takes them at once.
    distinct: Distinct,
    plan: Plan,
}

impl Lab {
    pub(super) fn new(stream: Stream) -> Self {
        let distinct = grouped(&specimen::lesson::bigrams().batch.distinct());
        Self { stream, distinct, plan: Plan::new() }
    }

    /// What a seed shows. The tape is only room to work in: cleared for each network.
    pub(super) fn evidence(&self, seed: u64, tape: &mut Tape) -> Evidence {
        let with = |activation| Mlp { activation, ..Mlp::LESSON };
        let drawn = match self.stream {
            Stream::Torch => self.plan.draw(Generator::manual_seed(seed)),
            Stream::Chacha => self.plan.draw(ChaCha8Rng::seed_from_u64(seed)),
        };
        let [random, _] = drawn.under(&Start::LESSON_RANDOM);
        let [kaiming, deep_kaiming] = drawn.under(&Start::LESSON_KAIMING);
        let [xavier, deep_xavier] = drawn.under(&Start::LESSON_XAVIER);

        let (random, trace) = self.run(tape, &Mlp::LESSON, &random);
        let random_pre = trace.layers.iter().map(|layer| self.summary(&layer.pre.value())).collect();
        let biases = of_role(&kaiming, Role::Bias);
        let (table, bias) = (of_role(&kaiming, Role::Embedding), biases.max.max(-biases.min));
        let (kaiming_net, trace) = self.run(tape, &Mlp::LESSON, &kaiming);
        let embedded = self.summary(&trace.embedded.value());
        Evidence {
            random,
            random_pre,
            kaiming: kaiming_net,
            table,
            embedded,
            bias,
            xavier: self.run(tape, &Mlp::LESSON, &xavier).0,
            relu: self.forward(tape, &with(Activation::Relu), &kaiming),
            sigmoid: self.run(tape, &with(Activation::Sigmoid), &xavier).0,
            deep_kaiming: self.flow(tape, &deep_kaiming),
            deep_xavier: self.flow(tape, &deep_xavier),
        }
    }

    /// Forwards only: no gradients.
    fn forward(&self, tape: &mut Tape, mlp: &Mlp, parameters: &Parameters) -> Net {
        tape.clear();
        self.net(&mlp.forward_distinct(tape, parameters, &self.distinct))
    }

    /// Forwards and backwards.
    fn run<'t>(&self, tape: &'t mut Tape, mlp: &Mlp, parameters: &Parameters) -> (Net, Trace<'t>) {
        tape.clear();
        let trace = mlp.forward_distinct(tape, parameters, &self.distinct);
        let grads = trace.loss.backward();
        let is_weight = |parameter: &Parameter| parameter.role == Role::Weight;
        let weights =
            parameters.0.iter().zip(&trace.parameters).filter(|(parameter, _)| is_weight(parameter));
        let grads: Vec<Summary> =
            weights.filter_map(|(_, &var)| grads.get(var)).map(|grad| Summary::of(grad.data())).collect();
        let mut net = self.net(&trace);
        net.non_finite += grads.iter().map(|grad| grad.non_finite).sum::<u64>();
        net.grads = grads.iter().map(Summary::mean_abs).collect();
        (net, trace)
    }

    /// Mean |gradient| of W1 over that of the last weight between hidden layers.
    fn flow(&self, tape: &mut Tape, parameters: &Parameters) -> f64 {
        tape.clear();
        let trace = Plan::DEEP.forward_distinct(tape, parameters, &self.distinct);
        let grads = trace.loss.backward();
        let mean_abs = |layer: usize| {
            // C, then W and b of each layer.
            let grad = grads.get(trace.parameters[2 * layer - 1]);
            grad.map_or(f64::NAN, |grad| Summary::of(grad.data()).mean_abs())
        };
        mean_abs(1) / mean_abs(Plan::DEEP.hidden)
    }

    fn net(&self, trace: &Trace<'_>) -> Net {
        let layers: Vec<Layer> = trace.layers.iter().map(|layer| self.layer(&layer.post.value())).collect();
        Net {
            loss: trace.loss.value().item().into(),
            non_finite: layers.iter().map(|layer| layer.post.non_finite).sum(),
            grads: Vec::new(),
            layers,
        }
    }

    fn layer(&self, post: &Tensor) -> Layer {
        let (units, examples) = (post.shape().dims()[1], self.distinct.rows.len());
        let beyond = self.beyond(post.data(), units);
        Layer {
            post: self.summary(post),
            saturated: beyond.iter().sum::<f32>() as f64 / (units * examples) as f64,
            stuck: beyond.iter().filter(|&&count| count == examples as f32).count(),
        }
    }

    /// In how many examples each unit has |h| > 0.99. Floats, which hold such counts exactly, count in vectors.
    fn beyond(&self, post: &[f32], units: usize) -> Vec<f32> {
        let threshold = Settings::default().saturation as f32;
        let mut beyond = vec![0.0; units];
        let (counts, sums) = (self.distinct.counts.as_slice(), beyond.as_mut_slice());
        tensor::dispatch(
            #[inline(always)]
            move || {
                for (row, &count) in post.chunks_exact(units).zip(counts) {
                    let count = count as f32;
                    for (&h, sum) in row.iter().zip(sums.iter_mut()) {
                        *sum += if h.abs() > threshold { count } else { 0.0 };
                    }
                }
            },
        );
        beyond
    }

    /// Over the batch: each distinct row as often as it occurs.
    fn summary(&self, rows: &Tensor) -> Summary {
        let (mut all, mut rest) = (Summary::default(), rows.data());
        for counts in self.distinct.counts.chunk_by(|a, b| a == b) {
            let (group, behind) = rest.split_at(counts.len() * rows.shape().dims()[1]);
            all.merge(&Summary::of(group).repeated(counts[0]));
            rest = behind;
        }
        all
    }
}

/// All values of the parameters of one role.
fn of_role(parameters: &Parameters, role: Role) -> Summary {
    let of_role = parameters.0.iter().filter(|parameter| parameter.role == role);
    of_role.map(|parameter| Summary::of(parameter.value.data())).collect()
}

/// The same rows in the order of how often they occur.
fn grouped(distinct: &Distinct) -> Distinct {
    let mut order: Vec<usize> = (0..distinct.inputs.len()).collect();
    order.sort_by_key(|&row| distinct.counts[row]);
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
    Distinct {
        inputs: order.iter().map(|&row| distinct.inputs[row]).collect(),
        counts: order.iter().map(|&row| distinct.counts[row]).collect(),
        rows: distinct.rows.iter().map(|&row| place[row]).collect(),
        targets: distinct.targets.clone(),
    }
}
