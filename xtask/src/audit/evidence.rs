//! What one seed shows: the lesson's network under every start that its claims speak of.

use autograd::Tape;
use diagnostics::{Settings, Summary};
use specimen::{Distinct, Mlp, Parameter, Parameters, Role, Start, Trace};
use tensor::{Activation, Tensor};

use crate::lesson::Stream;

/// Everything that the claims are measured on, at one seed.
pub struct Evidence {
    /// tanh, random init.
    pub random: Net,
    /// tanh, the lesson's Kaiming.
    pub kaiming: Net,
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

/// Hidden layers of what the audit calls a deeper net: twice the lesson's.
const DEEP: usize = 6;

/// One network before its first step.
pub struct Net {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// Hidden layers.
    pub layers: Vec<Layer>,
    /// Mean |gradient| of W1, W2, …; none where no claim speaks of them.
    pub grads: Vec<f64>,
    /// The embedding.
    pub table: Summary,
    /// What the lookup hands on.
    pub embedded: Summary,
    /// The largest |bias|.
    pub bias: f64,
    /// NaN and infinite values among activations and gradients.
    pub non_finite: u64,
}

/// One hidden layer over the batch.
pub struct Layer {
    /// Pre-activations.
    pub pre: Summary,
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
    distinct: Distinct,
}

impl Lab {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, distinct: specimen::lesson::bigrams().batch.distinct() }
    }

    pub(super) fn evidence(&self, seed: u64) -> Evidence {
        let with = |activation| Mlp { activation, ..Mlp::LESSON };
        let deep = Mlp { hidden: DEEP, ..Mlp::LESSON };
        let (raw, deep_raw) =
            (self.stream.standard_normal(seed, &Mlp::LESSON), self.stream.standard_normal(seed, &deep));
        let (kaiming, xavier) = (Start::LESSON_KAIMING, Start::LESSON_XAVIER);
        let scaled = [kaiming.rescale(&raw), xavier.rescale(&raw)];
        Evidence {
            random: self.run(&Mlp::LESSON, &Start::LESSON_RANDOM.rescale(&raw)),
            kaiming: self.run(&Mlp::LESSON, &scaled[0]),
            xavier: self.run(&Mlp::LESSON, &scaled[1]),
            relu: self.forward(&with(Activation::Relu), &scaled[0]),
            sigmoid: self.run(&with(Activation::Sigmoid), &scaled[1]),
            deep_kaiming: self.flow(&deep, &kaiming.rescale(&deep_raw)),
            deep_xavier: self.flow(&deep, &xavier.rescale(&deep_raw)),
        }
    }

    /// Forwards only: no gradients.
    fn forward(&self, mlp: &Mlp, parameters: &Parameters) -> Net {
        let tape = Tape::new();
        self.net(&mlp.forward_distinct(&tape, parameters, &self.distinct), parameters)
    }

    /// Forwards and backwards.
    fn run(&self, mlp: &Mlp, parameters: &Parameters) -> Net {
        let tape = Tape::new();
        let trace = mlp.forward_distinct(&tape, parameters, &self.distinct);
        let grads = trace.loss.backward();
        let is_weight = |parameter: &Parameter| parameter.role == Role::Weight;
        let weights =
            parameters.0.iter().zip(&trace.parameters).filter(|(parameter, _)| is_weight(parameter));
        let grads: Vec<Summary> =
            weights.filter_map(|(_, &var)| grads.get(var)).map(|grad| Summary::of(grad.data())).collect();
        let mut net = self.net(&trace, parameters);
        net.non_finite += grads.iter().map(|grad| grad.non_finite).sum::<u64>();
        net.grads = grads.iter().map(Summary::mean_abs).collect();
        net
    }

    /// Mean |gradient| of W1 over that of the last weight between hidden layers.
    fn flow(&self, mlp: &Mlp, parameters: &Parameters) -> f64 {
        let tape = Tape::new();
        let trace = mlp.forward_distinct(&tape, parameters, &self.distinct);
        let grads = trace.loss.backward();
        let mean_abs = |layer: usize| {
            // C, then W and b of each layer.
            let grad = grads.get(trace.parameters[2 * layer - 1]);
            grad.map_or(f64::NAN, |grad| Summary::of(grad.data()).mean_abs())
        };
        mean_abs(1) / mean_abs(mlp.hidden)
    }

    fn net(&self, trace: &Trace<'_>, parameters: &Parameters) -> Net {
        let of_role = |role: Role| {
            let mut all = Summary::default();
            let of_role = parameters.0.iter().filter(|parameter| parameter.role == role);
            of_role.for_each(|parameter| all.merge(&Summary::of(parameter.value.data())));
            all
        };
        let layers: Vec<Layer> =
            trace.layers.iter().map(|layer| self.layer(&layer.pre.value(), &layer.post.value())).collect();
        let biases = of_role(Role::Bias);
        Net {
            loss: trace.loss.value().item().into(),
            non_finite: layers.iter().map(|layer| layer.post.non_finite).sum(),
            grads: Vec::new(),
            table: of_role(Role::Embedding),
            embedded: self.summary(&trace.embedded.value()),
            bias: biases.max.max(-biases.min),
            layers,
        }
    }

    fn layer(&self, pre: &Tensor, post: &Tensor) -> Layer {
        let threshold = Settings::default().saturation as f32;
        let units = post.shape().dims()[1];
        let (mut saturated, mut stuck) = (0, vec![true; units]);
        for (row, &count) in post.data().chunks_exact(units).zip(&self.distinct.counts) {
            for (&h, stuck) in row.iter().zip(&mut stuck) {
                let beyond = h.abs() > threshold;
                saturated += if beyond { count } else { 0 };
                *stuck &= beyond;
            }
        }
        let post = self.summary(post);
        Layer {
            pre: self.summary(pre),
            saturated: saturated as f64 / (post.count + post.non_finite) as f64,
            post,
            stuck: stuck.into_iter().filter(|&stuck| stuck).count(),
        }
    }

    /// Over the batch: each distinct row as often as it occurs.
    fn summary(&self, rows: &Tensor) -> Summary {
        let mut all = Summary::default();
        let columns = rows.shape().dims()[1];
        for (row, &count) in rows.data().chunks_exact(columns).zip(&self.distinct.counts) {
            all.merge(&Summary::of(row).repeated(count));
        }
        all
    }
}
