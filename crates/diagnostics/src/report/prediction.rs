//! The predictions of mean-field theory for the layers of a report.

use mean_field::{Layer, Prediction, predict};

use super::Report;
use crate::stats::Flow;

impl Report {
    /// The predictions of mean-field theory for the layers, from the measured magnitudes of the inputs and weights.
    ///
    /// Weights and biases enter by their root mean square, inputs by [`with_inputs`](Self::with_inputs). The predictions
    /// end before the first layer whose function, weight or size is unknown.
    pub fn predictions(&self) -> Vec<Prediction> {
        let layers: Vec<Layer> = (0..self.layers.len()).map_while(|at| self.theory(at)).collect();
        if self.inputs.is_empty() { vec![] } else { predict(&layers, &self.inputs, self.settings.saturation) }
    }

    /// The predicted growth of gradients from layer to layer, towards the output.
    ///
    /// The gradient at a layer's activations is that at the next layer's, times the root of
    /// [`backward`](Prediction::backward) there.
    pub fn predicted_gradient_flow(&self) -> Flow {
        gradient_flow_of(&self.predictions())
    }

    /// The layer in the terms of mean-field theory.
    pub(crate) fn theory(&self, at: usize) -> Option<Layer> {
        let layer = &self.layers[at];
        let weight = &self.weight(layer.weight.as_deref()?)?.weight.summary;
        let bias = layer.bias.as_deref().and_then(|name| self.weight(name));
        let values = (weight.count + weight.non_finite) as usize;
        // Each input of a dense layer reaches every unit; that of a convolution fewer, but as many per position.
        let sources = at
            .checked_sub(1)
            .map_or(values / layer.units.units(), |before| self.layers[before].units.units());
        Some(Layer {
            inputs: values / layer.units.units(),
            units: values / sources.max(1),
            weight_std: weight.rms(),
            bias_std: bias.map_or(0.0, |bias| bias.weight.summary.rms()),
            activation: layer.activation?,
        })
    }
}

/// The growth of gradients towards the output that these predictions imply.
pub(crate) fn gradient_flow_of(predictions: &[Prediction]) -> Flow {
    let mut magnitude = 1.0;
    let mut magnitudes = Vec::new();
    for (at, prediction) in predictions.iter().enumerate() {
        magnitude /= if at == 0 { 1.0 } else { prediction.backward.sqrt() };
        magnitudes.push(magnitude);
    }
    Flow::of(&magnitudes)
}
