//! Predictions layer by layer, from the size of what enters.

use std::iter::once;

use tensor::Activation;

use crate::share::{saturated, zeros};
use crate::{MeanField, slope_squared, value, value_squared};

/// One layer `a = f(W·x + b)` as it is drawn: independent entries of mean 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Fan in: how many inputs are added up in one unit.
    pub inputs: usize,
    /// Fan out: how many units one input goes to.
    pub units: usize,
    /// The standard deviation of a weight.
    pub weight_std: f64,
    /// The standard deviation of a bias.
    pub bias_std: f64,
    /// f; [`Activation::Identity`] for logits.
    pub activation: Activation,
}

/// What a wide layer shows, over its units and the given inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Pre-activations: their second moment. Their mean is 0.
    pub variance: f64,
    /// Activations: their mean.
    pub mean: f64,
    /// Activations: the root of their second moment, which the next layer sees.
    pub rms: f64,
    /// Activations: their standard deviation, of the population.
    pub std: f64,
    /// The share of activations near an end of their range; `None` if it is infinite.
    pub saturated: Option<f64>,
    /// The share of activations that are exactly 0, by definition of f and not by rounding.
    pub zeros: f64,
    /// `χ = inputs·weight_std²·E f′²`: the squared distance per unit of two inputs that are close, at this layer's
    /// activations over that at its inputs. Layer after layer [`MeanField::chi`].
    pub chi: f64,
    /// `units·weight_std²·E f′²`: the second moment of the gradient at this layer's inputs over that at its
    /// activations. The product over layers is what gradients grow by on the way back.
    pub backward: f64,
}

impl Layer {
    /// The deep network of layers like this one, its fan in the same everywhere.
    pub fn field(&self) -> MeanField {
        let weight = self.inputs as f64 * self.weight_std.powi(2);
        MeanField { activation: self.activation, weight, bias: self.bias_std.powi(2) }
    }

    /// The variance of pre-activations for inputs of this second moment, `E x²` over the features.
    pub fn variance(&self, input: f64) -> f64 {
        let MeanField { weight, bias, .. } = self.field();
        weight * input + bias
    }

    /// The prediction at each of the pre-activation variances, averaged.
    fn predict(&self, variances: &[f64], seconds: &[f64], saturation: f64) -> Prediction {
        let f = self.activation;
        let mean =
            |of: &dyn Fn(f64) -> f64| variances.iter().map(|&q| of(q)).sum::<f64>() / variances.len() as f64;
        let (first, slope) = (mean(&|q| value(f, q)), mean(&|q| slope_squared(f, q)));
        let second = seconds.iter().sum::<f64>() / seconds.len() as f64;
        let saturated = saturated(f, saturation);
        Prediction {
            variance: mean(&|q| q),
            mean: first,
            rms: second.sqrt(),
            std: (second - first * first).clamp(0.0, f64::INFINITY).sqrt(),
            saturated: saturated.map(|share| mean(&share)),
            zeros: mean(&|q| zeros(f, q)),
            chi: self.field().weight * slope,
            backward: self.units as f64 * self.weight_std.powi(2) * slope,
        }
    }
}

/// What a network of wide layers shows, layer by layer, for inputs of the given second moments.
///
/// `inputs` has `E x²` over the features of each input, or one for all: the mean over inputs. Variances of
/// pre-activations spread as lengths of inputs do, and functions bend: for 30 normal features, whose `E x²` has a
/// standard deviation of a quarter, the first second moment below is 1 % less than that at the mean.
///
/// `saturation` is a share of the half-range of a bounded function: an activation is saturated where it is farther than
/// that from the middle, so beyond ±0.97 for tanh at 0.97. Of no inputs every number is NaN.
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
    let mut seconds = inputs.to_vec();
    let next = |layer: &Layer| {
        let variances: Vec<f64> = seconds.iter().map(|&second| layer.variance(second)).collect();
        seconds = variances.iter().map(|&q| value_squared(layer.activation, q)).collect();
        layer.predict(&variances, &seconds, saturation)
    };
    layers.iter().map(next).collect()
}

/// The correlation of the pre-activations of two inputs in every layer.
///
/// The inputs have the second moments `inputs` and the cosine c: `E xy/√(E x²·E y²)` over the features. A million
/// evaluations a layer, 10 to 25 ms, from the second on.
///
/// # Panics
/// If c is not within −1 to 1.
#[track_caller]
pub fn correlations(layers: &[Layer], inputs: (f64, f64), c: f64) -> Vec<f64> {
    // The first layer does to its inputs what a linear one does to pre-activations.
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
