//! One forward and backward pass, handed to diagnostics.

use autograd::Tape;
use diagnostics::{LayerView, Report, Settings, WeightView};
use tensor::Real;

use crate::{Batch, Mlp, Parameter, Parameters, Role};

/// What a network showed before its first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Mean cross-entropy, in nats; ln(classes) for a network that knows nothing and claims nothing.
    pub loss: f64,
    /// Layers and parameters.
    pub report: Report,
}

impl Mlp {
    /// Runs one batch forwards and backwards and measures every layer and parameter.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub fn observe<T: Real>(
        &self,
        parameters: &Parameters<T>,
        batch: &Batch,
        settings: Settings,
    ) -> Observation {
        let tape = Tape::new();
        let trace = self.forward(&tape, parameters, batch);
        let grads = trace.loss.backward();

        let names: Vec<String> = (1..=trace.layers.len()).map(|layer| format!("Layer {layer}")).collect();
        let values: Vec<_> =
            trace.layers.iter().map(|layer| (layer.pre.value(), layer.post.value())).collect();
        let layers = (0..names.len()).map(|at| {
            let (pre, post) = &values[at];
            let [weight, bias] = [1, 2].map(|next| parameters.0[2 * at + next].name.as_str());
            let view = LayerView::new(&names[at], self.width, post.data()).pre(pre.data());
            let view = view.activation(self.activation).weight(weight).bias(bias);
            grads.get(trace.layers[at].post).map_or(view, |gradient| view.gradient(gradient.data()))
        });
        let weights = parameters.0.iter().zip(&trace.parameters).map(|(parameter, &var)| {
            let view = WeightView::new(&parameter.name, parameter.value.data()).role(role(parameter));
            grads.get(var).map_or(view, |gradient| view.gradient(gradient.data()))
        });
        let loss = trace.loss.value().item().to_f64();
        let (embedded, logits) = (trace.embedded.value(), trace.logits.value());
        let last = |letter: &str| format!("{letter}{}", self.hidden + 1);
        let report = Report::of(layers, weights, settings)
            .with_inputs(self.embedding, embedded.data())
            .with_loss(loss, self.classes)
            .with_logits(logits.data(), &[&last("W"), &last("b")]);
        Observation { loss, report }
    }
}

/// The role of a parameter in the words of diagnostics.
fn role<T: Real>(parameter: &Parameter<T>) -> diagnostics::Role {
    match parameter.role {
        Role::Embedding => diagnostics::Role::Embedding { rows: parameter.value.shape().dims()[0] },
        Role::Weight => diagnostics::Role::Weight,
        Role::Bias => diagnostics::Role::Bias,
    }
}
