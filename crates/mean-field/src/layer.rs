//! Predictions layer by layer, from the second moments of the inputs.

use std::iter::once;

use tensor::Activation;

use crate::MeanField;
use crate::expectations::Expectations;
use crate::fraction::{saturated, zeros};
use crate::nodes::KeptNodes;
use crate::parallel;

/// One layer `a = f(W·x + b)` with independent random weights and biases of mean 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Fan-in: the number of inputs that one unit sums.
    pub inputs: usize,
    /// Fan-out: the number of units that one input feeds.
    pub units: usize,
    /// The standard deviation of a weight.
    pub weight_std: f64,
    /// The standard deviation of a bias.
    pub bias_std: f64,
    /// f; [`Activation::Identity`] for a layer of logits.
    pub activation: Activation,
}

/// The expected statistics of a wide layer, over its units and the given inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The second moment of the pre-activations, whose mean is 0.
    pub variance: f64,
    /// The mean of the activations.
    pub mean: f64,
    /// The root mean square of the activations, from which the next layer follows.
    pub rms: f64,
    /// The (population) standard deviation of the activations.
    pub std: f64,
    /// The fraction of activations near an end of their range; `None` if the range is infinite.
    pub saturated: Option<f64>,
    /// The fraction of activations that are exactly 0 by the definition of f, not by rounding.
    pub zeros: f64,
    /// `χ = inputs·weight_std²·E f′²`: the factor by which this layer multiplies the squared distance per unit of two
    /// close inputs. In a network of equal layers it is [`MeanField::chi`].
    pub chi: f64,
    /// `units·weight_std²·E f′²`: the second moment of the gradient at this layer's inputs over that at its
    /// activations. The product over layers is the growth of gradients on the way back.
    pub backward: f64,
}

impl Layer {
    /// The deep network of layers like this one, all with the same fan-in.
    pub fn field(&self) -> MeanField {
        let weight = self.inputs as f64 * self.weight_std.powi(2);
        MeanField { activation: self.activation, weight, bias: self.bias_std.powi(2) }
    }

    /// The variance of pre-activations for inputs whose second moment, `E x²` over the features, is `input`.
    pub fn variance(&self, input: f64) -> f64 {
        let MeanField { weight, bias, .. } = self.field();
        weight * input + bias
    }

    /// The average of the predictions for inputs that met this layer, each with its count.
    fn predict(&self, inputs: &[(f64, LayerState)], saturation: f64) -> Prediction {
        let all: f64 = inputs.iter().map(|&(count, _)| count).sum();
        let mean = |of: &dyn Fn(&LayerState) -> f64| {
            inputs.iter().map(|(count, input)| count * of(input)).sum::<f64>() / all
        };
        let f = self.activation;
        let first = mean(&|input| input.expected.value);
        let second = mean(&|input| input.expected.value_squared);
        let slope = mean(&|input| input.expected.slope_squared);
        let saturated = saturated(f, saturation);
        Prediction {
            variance: mean(&|input| input.variance),
            mean: first,
            rms: second.sqrt(),
            std: (second - first * first).clamp(0.0, f64::INFINITY).sqrt(),
            saturated: saturated.map(|fraction| mean(&|input| fraction(input.variance))),
            zeros: mean(&|input| zeros(f, input.variance)),
            chi: self.field().weight * slope,
            backward: self.units as f64 * self.weight_std.powi(2) * slope,
        }
    }
}

/// The state of one layer for an input of the network.
#[derive(Clone, Copy)]
struct LayerState {
    /// The variance of the layer's pre-activations.
    variance: f64,
    /// The expectations of its activations.
    expected: Expectations,
}

/// The state of every layer for an input with the second moment `second`.
fn chain(layers: &[Layer], mut second: f64, nodes: &mut KeptNodes) -> Vec<LayerState> {
    let next = |layer: &Layer| {
        let variance = layer.variance(second);
        let expected = Expectations::of(layer.activation, variance, nodes);
        second = expected.value_squared;
        LayerState { variance, expected }
    };
    layers.iter().map(next).collect()
}

/// The distinct numbers among the inputs' second moments, each with its count.
fn distinct(seconds: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as f64)).collect()
}

/// The expected statistics of a network of wide layers, layer by layer, for inputs of the given second moments.
///
/// `inputs` has `E x²` over the features of each input, or one number for all: the mean over inputs. One number per
/// input is more exact, because the variance of pre-activations differs between inputs and the activations are not
/// linear: for 30 normal features, whose `E x²` has a standard deviation of a quarter, the second moment after the
/// first layer below is 1% less than with the mean.
///
/// `saturation` is a fraction of the half-range of a bounded function. An activation is saturated if its distance from
/// the middle of the range is larger: above 0.97 or below −0.97 for tanh at 0.97. Without inputs every number is NaN.
///
/// ```
/// use mean_field::{Activation, Layer, predict};
///
/// let layer = Layer {
///     inputs: 100,
///     units: 100,
///     weight_std: 5.0 / 3.0 / 10.0,
///     bias_std: 0.0,
///     activation: Activation::Tanh,
/// };
/// let first = Layer { inputs: 30, weight_std: 5.0 / 3.0 / 30f64.sqrt(), ..layer };
/// let layers = predict(&[first, layer, layer, layer, layer], &[1.0], 0.97);
/// let stds: Vec<String> = layers.iter().map(|layer| format!("{:.3}", layer.std)).collect();
/// assert_eq!(stds, ["0.759", "0.693", "0.669", "0.659", "0.654"]);
/// ```
pub fn predict(layers: &[Layer], inputs: &[f64], saturation: f64) -> Vec<Prediction> {
    let inputs = distinct(inputs);
    let chains =
        parallel::map(&inputs, KeptNodes::default, |nodes, &(second, _)| chain(layers, second, nodes));
    let at = |layer: usize| inputs.iter().zip(&chains).map(move |(&(_, count), chain)| (count, chain[layer]));
    let prediction =
        |(at_layer, layer): (usize, &Layer)| layer.predict(&at(at_layer).collect::<Vec<_>>(), saturation);
    layers.iter().enumerate().map(prediction).collect()
}

/// The correlation of the pre-activations of two inputs in every layer.
///
/// The inputs have the second moments `inputs` and the cosine similarity c: `E xy/√(E x²·E y²)` over the features. From
/// the second layer on it takes a million evaluations per layer, 10 to 25 ms.
///
/// # Panics
/// If c is not between −1 and 1.
#[track_caller]
pub fn correlations(layers: &[Layer], inputs: (f64, f64), c: f64) -> Vec<f64> {
    // The inputs of the first layer count as the pre-activations of a linear one.
    let before = once(Activation::Identity).chain(layers.iter().map(|layer| layer.activation));
    let (mut c, mut variances) = (c, inputs);
    before
        .zip(layers)
        .map(|(activation, layer)| {
            let field = MeanField { activation, ..layer.field() };
            c = field.correlation_between(variances, c);
            variances = (field.variance(variances.0), field.variance(variances.1));
            c
        })
        .collect()
}
