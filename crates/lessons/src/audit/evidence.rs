//! The evidence of one seed: the lesson's network under every initialisation that its claims speak of.

use autograd::{Tape, Var};
use diagnostics::{Settings, Summary};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Init, Network, Parameter, Parameters, Role, Trace};
use tensor::{Activation, Tensor};
use torch_rng::Generator;

use super::distinct::Distinct;
use super::draw::{Drawn, Scales};
use crate::lesson::RandomSource;

/// Everything that the claims are measured on, at one seed, and nothing else.
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
    /// The rows that the lookup returns there.
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
    pub layers: Vec<LayerEvidence>,
    /// Mean |gradient| of W1, W2, …; none where no claim speaks of them.
    pub grads: Vec<f64>,
    /// NaN and infinite values among activations and gradients.
    pub non_finite: u64,
}

/// One hidden layer over the batch.
#[derive(Debug)]
pub struct LayerEvidence {
    /// Activations.
    pub post: Summary,
    /// The fraction with |h| > 0.99.
    pub saturated: f64,
    /// Units with |h| > 0.99 in every example.
    pub always_saturated: usize,
}

/// The lesson's data and networks, shared by all seeds.
pub(super) struct Lab {
    source: RandomSource,
    distinct: Distinct,
    lesson: Network,
    kaiming: Scales,
    xavier: Scales,
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
    pub(super) fn new(source: RandomSource) -> Self {
        Self {
            source,
            distinct: Distinct::of(&specimen::lesson::bigrams().batch),
            lesson: Network::lesson(),
            kaiming: Scales::of(&Init::LESSON_KAIMING),
            xavier: Scales::of(&Init::LESSON_XAVIER),
        }
    }

    /// Everything that the claims are measured on, at a seed.
    pub(super) fn evidence(&self, seed: u64, room: &mut Room) -> Evidence {
        let with = |activation| Network { activation, ..self.lesson.clone() };
        let Room { tape, drawn } = room;
        match self.source {
            RandomSource::Torch => drawn.draw(Generator::manual_seed(seed)),
            RandomSource::Chacha => drawn.draw(ChaCha8Rng::seed_from_u64(seed)),
        }
        let (kaiming, xavier) = (drawn.scaled(&self.kaiming), drawn.scaled(&self.xavier));

        let (random, trace) = self.run(tape, &self.lesson, &drawn.pair.lesson);
        let random_pre = trace.layers.iter().map(|layer| self.distinct.summary(&layer.pre.value())).collect();
        let (kaiming_net, trace) = self.run(tape, &self.lesson, &kaiming.lesson);
        let embedded = self.distinct.summary(&trace.embedded.value());
        let deep_kaiming = self.flow(&trace, &kaiming.deeper);
        let (xavier_net, trace) = self.run(tape, &self.lesson, &xavier.lesson);
        let deep_xavier = self.flow(&trace, &xavier.deeper);
        let biases = of_role(&kaiming.lesson, Role::Bias);
        let evidence = Evidence {
            random,
            random_pre,
            kaiming: kaiming_net,
            table: of_role(&kaiming.lesson, Role::Embedding),
            embedded,
            bias: biases.max.max(-biases.min),
            xavier: xavier_net,
            relu: self.forward(tape, &with(Activation::Relu), &kaiming.lesson),
            sigmoid: self.run(tape, &with(Activation::Sigmoid), &xavier.lesson).0,
            deep_kaiming,
            deep_xavier,
        };
        // Now and not later: the parameters, which go next, are shared with nobody then. Scaled values are left where the
        // next seed's are taken from, and drawing writes over what was drawn.
        tape.clear();
        evidence
    }

    /// Forwards only: no gradients.
    fn forward(&self, tape: &mut Tape, network: &Network, parameters: &Parameters) -> Net {
        tape.clear();
        self.net(&self.distinct.forward(network, tape, parameters))
    }

    /// Forwards and backwards.
    fn run<'t>(&self, tape: &'t mut Tape, network: &Network, parameters: &Parameters) -> (Net, Trace<'t>) {
        tape.clear();
        let trace = self.distinct.forward(network, tape, parameters);
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
            .fold(start, |h, layer| h.linear(layer[0], layer[1]).activation(self.lesson.activation));
        // The lesson's parameters are C, then W and b of each layer.
        let ends = [trace.parameters[1], hidden[hidden.len() - 2]];
        let grads = self.distinct.cross_entropy(h.linear(last[0], last[1])).backward_to(&ends);
        let [first, last] =
            ends.map(|weight| grads.get(weight).map_or(f64::NAN, |grad| mean_abs(grad.data()).0));
        first / last
    }

    fn net(&self, trace: &Trace<'_>) -> Net {
        let layers: Vec<LayerEvidence> =
            trace.layers.iter().map(|layer| self.layer(&layer.post.value())).collect();
        Net {
            loss: trace.loss.value().item().into(),
            non_finite: layers.iter().map(|layer| layer.post.non_finite).sum(),
            grads: Vec::new(),
            layers,
        }
    }

    fn layer(&self, post: &Tensor) -> LayerEvidence {
        let beyond = self.distinct.beyond(post, Settings::default().saturation as f32);
        let examples = self.distinct.examples();
        LayerEvidence {
            post: self.distinct.summary(post),
            saturated: beyond.iter().sum::<f32>() as f64 / (beyond.len() * examples) as f64,
            always_saturated: beyond.iter().filter(|&&count| count == examples as f32).count(),
        }
    }
}

/// `Σ |x| / n` of the finite values, and the number of others: the part of a summary that claims need of a gradient, in a
/// fourth of the time.
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

/// The summary of all parameters of one role.
fn of_role(parameters: &Parameters, role: Role) -> Summary {
    let of_role = parameters.0.iter().filter(|parameter| parameter.role == role);
    of_role.map(|parameter| Summary::of(parameter.value.data())).collect()
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
        let (lab, mut room) = (Lab::new(RandomSource::Torch), Room::new());
        let network = super::super::draw::deep();
        let deep = Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(7));
        let alone = lab.run(&mut room.tape, &network, &deep).0.grads;
        let flow = lab.evidence(7, &mut room).deep_kaiming;
        assert!((flow / (alone[0] / alone[5]) - 1.0).abs() < REORDERED, "{flow} and {alone:?}");
        assert!((flow / (alone[0] / alone[4]) - 1.0).abs() > 1e-3, "another layer is told apart");
    }
}
