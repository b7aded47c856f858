//! What one seed shows: the lesson's network under every start that its claims speak of.

use autograd::{Tape, Var};
use diagnostics::{Settings, Summary};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Distinct, Mlp, Parameter, Parameters, Role, Start, Trace};
use tensor::{Activation, Tensor};
use torch_rng::Generator;

use super::draw::{DEEP, Drawn};
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
}

/// Room to work in, which one seed leaves to the next: without it, fresh memory took a third of the audit.
pub(super) struct Room {
    tape: Tape,
    drawn: Drawn,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { tape: Tape::new(), drawn: Drawn::new() }
    }
}

impl Lab {
    pub(super) fn new(stream: Stream) -> Self {
        let distinct = grouped(&specimen::lesson::bigrams().batch.distinct());
        Self { stream, distinct }
    }

    /// What a seed shows.
    pub(super) fn evidence(&self, seed: u64, room: &mut Room) -> Evidence {
        let with = |activation| Mlp { activation, ..Mlp::LESSON };
        let Room { tape, drawn } = room;
        match self.stream {
            Stream::Torch => drawn.draw(Generator::manual_seed(seed)),
            Stream::Chacha => drawn.draw(ChaCha8Rng::seed_from_u64(seed)),
        }
        let [kaiming, xavier] = [&Start::LESSON_KAIMING, &Start::LESSON_XAVIER]
            .map(|start| (start.rescale(&drawn.lesson), start.rescale(&drawn.deeper)));

        let (random, trace) = self.run(tape, &Mlp::LESSON, &Start::LESSON_RANDOM.rescale(&drawn.lesson));
        let random_pre = trace.layers.iter().map(|layer| self.summary(&layer.pre.value())).collect();
        let (kaiming_net, trace) = self.run(tape, &Mlp::LESSON, &kaiming.0);
        let (embedded, deep_kaiming) = (self.summary(&trace.embedded.value()), self.flow(&trace, &kaiming.1));
        let (xavier_net, trace) = self.run(tape, &Mlp::LESSON, &xavier.0);
        let deep_xavier = self.flow(&trace, &xavier.1);
        let biases = of_role(&kaiming.0, Role::Bias);
        let evidence = Evidence {
            random,
            random_pre,
            kaiming: kaiming_net,
            table: of_role(&kaiming.0, Role::Embedding),
            embedded,
            bias: biases.max.max(-biases.min),
            xavier: xavier_net,
            relu: self.forward(tape, &with(Activation::Relu), &kaiming.0),
            sigmoid: self.run(tape, &with(Activation::Sigmoid), &xavier.0).0,
            deep_kaiming,
            deep_xavier,
        };
        // Now and not later: the parameters, which go next, are shared with nobody then. What was scaled is left where the
        // next seed's is taken from, and drawing writes over what was drawn.
        tape.clear();
        evidence
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
        let is_weight = |parameter: &Parameter| parameter.role == Role::Weight;
        let with_roles = parameters.0.iter().zip(&trace.parameters);
        let weights: Vec<Var<'_>> =
            with_roles.filter(|(parameter, _)| is_weight(parameter)).map(|(_, &var)| var).collect();
        let grads = trace.loss.backward_to(&weights);
        let grads: Vec<(f64, u64)> =
            weights.iter().filter_map(|&var| grads.get(var)).map(|grad| mean_abs(grad.data())).collect();
        let mut net = self.net(&trace);
        net.non_finite += grads.iter().map(|(_, non_finite)| non_finite).sum::<u64>();
        net.grads = grads.iter().map(|&(mean_abs, _)| mean_abs).collect();
        (net, trace)
    }

    /// Mean |gradient| of W1 over that of the last weight between hidden layers, in the deeper net that goes on behind
    /// the hidden layers of a trace.
    fn flow(&self, trace: &Trace<'_>, deeper: &Parameters) -> f64 {
        let tape = trace.loss.tape();
        let own: Vec<Var<'_>> = deeper.0.iter().map(|parameter| tape.leaf(parameter.value.clone())).collect();
        // W and b of each layer.
        let (hidden, last) = own.split_at(own.len() - 2);
        let start = trace.layers.last().map_or(trace.embedded, |layer| layer.post);
        let h = hidden
            .chunks_exact(2)
            .fold(start, |h, layer| h.linear(layer[0], layer[1]).activation(DEEP.activation));
        // The lesson's parameters are C, then W and b of each layer.
        let ends = [trace.parameters[1], hidden[hidden.len() - 2]];
        let grads = self.distinct.cross_entropy(h.linear(last[0], last[1])).backward_to(&ends);
        let [first, last] =
            ends.map(|weight| grads.get(weight).map_or(f64::NAN, |grad| mean_abs(grad.data()).0));
        first / last
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
        let mut rest = rows.data();
        let of_group = |counts: &[u64]| {
            let (group, behind) = rest.split_at(counts.len() * rows.shape().dims()[1]);
            rest = behind;
            Summary::of(group).repeated(counts[0])
        };
        self.distinct.counts.chunk_by(|a, b| a == b).map(of_group).collect()
    }
}

/// `Σ |x| / n` of the finite values, and how many are not: what claims ask of a gradient. Of a whole summary, which has
/// four moments too, it takes a fourth of the time.
fn mean_abs(values: &[f32]) -> (f64, u64) {
    // Four vectors of doubles: with one, each sum waits for the one before it.
    const WIDTH: usize = 32;
    let (groups, rest) = values.as_chunks::<WIDTH>();
    let sums = tensor::dispatch(
        #[inline(always)]
        move || {
            let mut sums = [0.0; WIDTH];
            for group in groups {
                for (sum, x) in sums.iter_mut().zip(group) {
                    *sum += f64::from(x.abs());
                }
            }
            sums
        },
    );
    let sum = sums.iter().sum::<f64>() + rest.iter().map(|x| f64::from(x.abs())).sum::<f64>();
    if sum.is_finite() {
        return (sum / values.len() as f64, 0);
    }
    let summary = Summary::of(values);
    (summary.mean_abs(), summary.non_finite)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As far as two orders of summing up to 10,000 numbers in double precision may differ.
    const REORDERED: f64 = 1e-12;

    #[test]
    fn mean_abs_is_the_summarys() {
        let mut values: Vec<f32> = (0..1003).map(|i| (i as f32).sin()).collect();
        let apart = |values: &[f32]| {
            let (got, summary) = (mean_abs(values), Summary::of(values));
            assert_eq!(got.1, summary.non_finite);
            (got.0 / summary.mean_abs() - 1.0).abs()
        };
        assert!(apart(&values) < REORDERED);
        (values[3], values[1000]) = (f32::NAN, f32::INFINITY);
        assert!(apart(&values) < REORDERED);
    }

    #[test]
    fn a_deeper_net_behind_the_lessons_is_the_deep_net() {
        let (lab, mut room) = (Lab::new(Stream::Torch), Room::new());
        let start = Start::LESSON_KAIMING;
        let deep = start.draw(&DEEP, &mut Generator::manual_seed(7));
        let alone = lab.run(&mut room.tape, &DEEP, &deep).0.grads;
        let flow = lab.evidence(7, &mut room).deep_kaiming;
        assert!((flow / (alone[0] / alone[5]) - 1.0).abs() < REORDERED, "{flow} and {alone:?}");
        assert!((flow / (alone[0] / alone[4]) - 1.0).abs() > 1e-3, "another layer is told apart");
    }

    #[test]
    fn rows_in_groups_are_the_batch() {
        let lab = Lab::new(Stream::Torch);
        let batch = specimen::lesson::bigrams().batch;
        let shown: Vec<usize> = lab.distinct.rows.iter().map(|&row| lab.distinct.inputs[row]).collect();
        assert_eq!(shown, batch.inputs);
        let rows: Vec<f32> = lab.distinct.inputs.iter().map(|&input| input as f32).collect();
        let summary =
            lab.summary(&Tensor::from_vec(rows, [lab.distinct.inputs.len(), 1]).expect("one column"));
        let all: Vec<f32> = batch.inputs.iter().map(|&input| input as f32).collect();
        let whole = Summary::of(&all);
        assert_eq!((summary.count, summary.min, summary.max), (whole.count, whole.min, whole.max));
        assert!((summary.std() / whole.std() - 1.0).abs() < REORDERED);
    }
}
