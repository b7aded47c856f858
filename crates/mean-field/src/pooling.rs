//! Pooling of activations.

use gaussian::{Quadrature, cdf};
use tensor::Activation;

use crate::ActivationMoments;
use crate::expectations::scale;
use crate::nodes::{eval, finest};

/// The expected moments of an activation after pooling, over windows of `window` values (9 for 3×3) whose pre-activations
/// are independent and `N(m, v)`.
///
/// Neighbours in a feature map are correlated, so that real averages are larger, and real maxima smaller.
///
/// | ReLU, m = 0, v = 1, 2×2 | `E y²` | backward |
/// |---|---|---|
/// | average | 0.244366 | 1/8 |
/// | max | 1.543785 | 15/16 |
///
/// ```
/// use mean_field::{Activation, Pooled};
/// let pooled = Pooled::max(Activation::Relu, (0.0, 1.0), 4).unwrap();
/// assert!((pooled.second - 1.543_785).abs() < 1e-6 && (pooled.backward - 15.0 / 16.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// `E y`.
    pub mean: f64,
    /// `E y²`.
    pub second: f64,
    /// The squared norm of the gradient at the pre-activations over that at the pooled values, if windows do not overlap.
    pub backward: f64,
}

impl Pooled {
    /// Average pooling: `E y² = Var f/n + (E f)²`, and backwards `E f′²/n`. NaN for an empty window.
    pub fn average(activation: Activation, (m, v): (f64, f64), window: usize) -> Self {
        let (at, n) = (ActivationMoments::at(activation, m, v), window as f64);
        let n = if window == 0 { f64::NAN } else { n };
        Self { mean: at.mean, second: at.variance / n + at.mean * at.mean, backward: at.slope_squared / n }
    }

    /// Max pooling: expectations over the largest of n pre-activations, whose density is `n·φ(z)·Φ(z)^(n − 1)`. `None` if f
    /// falls somewhere, because then the largest activation is not that of the largest pre-activation, as for GELU; for
    /// an empty window; and unless m is finite and v finite and at least 0.
    pub fn max(activation: Activation, (m, v): (f64, f64), window: usize) -> Option<Self> {
        if window == 0 || !rises(activation) || !(m * v).is_finite() || v < 0.0 {
            return None;
        }
        let (scale, n) = (scale(v), window as f64);
        let points = activation.kinks().iter().chain(&[0.0]).map(|kink| (kink - m) / scale);
        let points: Vec<f64> = points.filter(|at| at.is_finite()).collect();
        // Φ changes on the scale 1/2.
        let nodes = Quadrature::new(&points, finest(activation, scale).min(0.5));
        let [mean, second, backward] = nodes.means(|z| {
            let (value, slope) = eval(activation, m + scale * z);
            let weight = n * cdf(z).powf(n - 1.0);
            [weight * value, weight * value * value, weight * slope * slope]
        });
        Some(Self { mean, second, backward })
    }
}

/// True if f falls nowhere.
fn rises(activation: Activation) -> bool {
    match activation {
        Activation::LeakyRelu(a) | Activation::Elu(a) => a >= 0.0,
        Activation::Identity
        | Activation::Tanh
        | Activation::Sigmoid
        | Activation::Relu
        | Activation::Selu
        | Activation::Softplus(_)
        | Activation::Erf
        | Activation::HardTanh
        | Activation::ReluSquared
        | Activation::Relu6
        | Activation::Celu(_)
        | Activation::HardSigmoid
        | Activation::LogSigmoid
        | Activation::Softsign => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scan over 30 to both sides is the judge.
    #[test]
    fn functions_that_rise_everywhere() {
        let others = [
            Activation::LeakyRelu(-0.1),
            Activation::Elu(-1.0),
            Activation::Celu(-1.0),
            Activation::Softplus(-2.0),
        ];
        for activation in Activation::ALL.into_iter().chain(others) {
            let falls = (-3000..=3000).any(|k| activation.eval(f64::from(k) / 100.0).1 < 0.0);
            assert_eq!(rises(activation), !falls, "{activation}");
        }
    }
}
