//! Moments of an activation whose pre-activations have a mean.

use gaussian::Quadrature;
use tensor::Activation;

use crate::expectations::scale;
use crate::nodes::{eval, finest};

/// The moments of `f(h)` and `f′(h)` for `h ~ N(m, v)`: pre-activations with a mean, as a bias or a weight with a mean
/// makes them.
///
/// ```
/// use mean_field::{Activation, ActivationMoments};
/// // ReLU far above 0 is the identity.
/// let far = ActivationMoments::at(Activation::Relu, 20.0, 4.0);
/// assert!((far.mean - 20.0).abs() < 1e-12 && (far.variance - 4.0).abs() < 1e-12);
/// assert!((far.slope_squared - 1.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActivationMoments {
    /// `E f(h)`.
    pub mean: f64,
    /// `E f(h)²`.
    pub second: f64,
    /// `E f(h)² − (E f(h))²`, without the cancellation of this difference.
    pub variance: f64,
    /// `E f′(h)²`.
    pub slope_squared: f64,
}

impl ActivationMoments {
    /// The moments at mean m and variance v, by quadrature with a relative error below 1e-12; for sine in closed form.
    /// The rounding of f(h) itself adds 1e-15 of `|E f|·std` to the error of the variance.
    ///
    /// It takes two thousand evaluations of f, some tens of microseconds, and ten times as many if f has a kink inside
    /// the distribution. All are NaN unless m is finite and v finite and at least 0. At v = 0, `E f′²` is the limit.
    pub fn at(activation: Activation, mean: f64, variance: f64) -> Self {
        if !mean.is_finite() || !(0.0..f64::INFINITY).contains(&variance) {
            return Self::of(f64::NAN, f64::NAN, f64::NAN);
        }
        if let Activation::Sine(omega) = activation {
            return Self::of_sine(omega, mean, variance);
        }
        let scale = scale(variance);
        let points = activation.kinks().iter().chain(&[0.0]).map(|kink| (kink - mean) / scale);
        let points: Vec<f64> = points.filter(|at| at.is_finite()).collect();
        // Deviations from f(m), so that a small variance does not cancel.
        let middle = eval(activation, mean).0;
        let [shift, squared, slope] = Quadrature::new(&points, finest(activation, scale)).means(|z| {
            let (value, slope) = eval(activation, mean + scale * z);
            [value - middle, (value - middle).powi(2), slope * slope]
        });
        Self::of(middle + shift, (squared - shift * shift).clamp(0.0, f64::INFINITY), slope)
    }

    /// From `E e^(iωh) = e^(iωm − ω²v/2)`.
    fn of_sine(omega: f64, mean: f64, variance: f64) -> Self {
        let (angle, decay) = (omega * mean, omega * omega * variance);
        let double = (2.0 * angle).cos();
        let spread = -(-decay).exp_m1() * (1.0 + double * (-decay).exp()) / 2.0;
        let slope = omega * omega * (1.0 + double * (-2.0 * decay).exp()) / 2.0;
        Self::of(angle.sin() * (-decay / 2.0).exp(), spread, slope)
    }

    fn of(mean: f64, variance: f64, slope_squared: f64) -> Self {
        Self { mean, second: mean * mean + variance, variance, slope_squared }
    }
}

#[cfg(test)]
mod tests {
    use gaussian::{cdf, expectation, pdf};

    use super::*;
    use crate::{slope_squared, value, value_squared};

    fn close(value: f64, exact: f64, tolerance: f64) -> bool {
        (value - exact).abs() <= tolerance * exact.abs() + 1e-130
    }

    /// At mean 0 they are the expectations of `expectations.rs`.
    #[test]
    fn without_a_mean_they_are_the_known_expectations() {
        for activation in Activation::ALL {
            for q in [0.0, 1e-6, 0.3, 1.0, 40.0, 1e4] {
                let at = ActivationMoments::at(activation, 0.0, q);
                let second = value_squared(activation, q);
                // A variance of 0 counts as 1e-140.
                assert!(
                    (at.mean - value(activation, q)).abs() <= 1e-13 * second.sqrt() + 1e-69,
                    "{activation} at {q}"
                );
                assert!(close(at.second, second, 1e-12), "E f² of {activation} at {q}: {at:?}, {second}");
                assert!(close(at.slope_squared, slope_squared(activation, q), 1e-12), "{activation} at {q}");
            }
        }
    }

    /// Quadrature for functions of any steepness is the judge, with the points where they change named.
    #[test]
    fn with_a_mean_they_agree_with_finer_quadrature() {
        for activation in Activation::ALL {
            for (mean, std) in [(1e-3, 1.0), (-0.7, 0.2), (2.0, 3.0), (-40.0, 9.0), (3.0, 1e-4), (-5.0, 30.0)]
            {
                if matches!(activation, Activation::Sine(_)) && std > 4.0 {
                    continue; // Quadrature cannot follow.
                }
                let points: Vec<f64> =
                    activation.kinks().iter().chain(&[0.0]).map(|kink| (kink - mean) / std).collect();
                let expect = |f: &dyn Fn(f64) -> f64| expectation(&points, |z| f(mean + std * z));
                let first = expect(&|h| activation.eval(h).0);
                let variance = expect(&|h| (activation.eval(h).0 - first).powi(2));
                let slope = expect(&|h| activation.eval(h).1.powi(2));
                let at = ActivationMoments::at(activation, mean, std * std);
                let what = format!("{activation} at {mean}, {std}: {at:?}, {first}, {variance}, {slope}");
                assert!(close(at.mean, first, 1e-12) || (at.mean - first).abs() < 1e-14, "{what}");
                let rounding = 1e-15 * first.abs() * variance.sqrt();
                assert!((at.variance - variance).abs() <= 1e-12 * variance + rounding, "{what}");
                // Nodes whose pre-activation rounds to a kink have the slope there.
                let tolerance = 1e-12 + 1e-15 * mean.abs() / std;
                assert!(close(at.slope_squared, slope, tolerance), "{what}");
            }
        }
    }

    /// `E relu = m·Φ(m/s) + s·φ(m/s)`, `E relu² = (m² + s²)·Φ(m/s) + m·s·φ(m/s)`, `E relu′² = Φ(m/s)`; a mean that is
    /// off by a millionth is rejected.
    #[test]
    fn relu_in_closed_form() {
        for (m, s) in [(0.5, 1.0), (-2.0, 0.7), (3.0, 10.0)] {
            let (inside, density) = (cdf(m / s), pdf(m / s));
            let at = ActivationMoments::at(Activation::Relu, m, s * s);
            assert!(close(at.mean, m * inside + s * density, 1e-12), "{at:?}");
            assert!(close(at.second, (m * m + s * s) * inside + m * s * density, 1e-12), "{at:?}");
            assert!(close(at.slope_squared, inside, 1e-12), "{at:?}");
            let other = ActivationMoments::at(Activation::Relu, m * (1.0 + 1e-6), s * s);
            assert!(!close(other.mean, at.mean, 1e-8));
        }
    }

    #[test]
    fn small_variances_do_not_cancel_and_bad_arguments_are_nan() {
        // Var σ(h) ≈ σ′(m)²·v.
        let small = ActivationMoments::at(Activation::Sigmoid, 1.0, 1e-12);
        let slope = Activation::Sigmoid.eval(1.0).1;
        assert!(close(small.variance, slope * slope * 1e-12, 1e-9), "{small:?}");
        let still = ActivationMoments::at(Activation::Tanh, 0.5, 0.0);
        assert!(close(still.mean, 0.5_f64.tanh(), 1e-15) && still.variance < 1e-100, "{still:?}");
        for (mean, variance) in [(f64::NAN, 1.0), (0.0, -1.0), (f64::INFINITY, 1.0), (0.0, f64::NAN)] {
            let at = ActivationMoments::at(Activation::Tanh, mean, variance);
            assert!(at.mean.is_nan() && at.second.is_nan() && at.slope_squared.is_nan(), "{at:?}");
        }
    }
}
