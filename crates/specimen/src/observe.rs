//! One forward and backward pass, handed to diagnostics.

use autograd::Tape;
use diagnostics::{LayerView, Report, Settings, WeightView};
use tensor::{Real, Tensor};

use crate::{Batch, Mlp, Parameters};

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
        let layers = (0..names.len()).map(|i| LayerView {
            name: &names[i],
            units: self.width,
            pre: values[i].0.data(),
            post: values[i].1.data(),
            post_grad: grads.get(trace.layers[i].post).map(Tensor::data),
        });
        let weights = parameters.0.iter().zip(&trace.parameters).map(|(parameter, &var)| WeightView {
            name: &parameter.name,
            weight: parameter.value.data(),
            grad: grads.get(var).map(Tensor::data),
        });
        Observation {
            loss: trace.loss.value().item().to_f64(),
            report: Report::of(layers, weights, settings),
        }
    }
}
