//! Expectations of an activation and its slope at a normal pre-activation, `h ~ N(0, q)`.

use gaussian::bivariate;
use tensor::{Activation, Dual};

use crate::nodes::KeptNodes;
use crate::sine;

/// `E f(h)`, `E f(h)²` and `E f′(h)²` of one normal pre-activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Expectations {
    pub(crate) value: f64,
    pub(crate) value_squared: f64,
    pub(crate) slope_squared: f64,
}

impl Expectations {
    /// All three, from one evaluation of f per node unless q is so near 0 or ∞ that the slope is a limit, or f is a sine.
    pub(crate) fn of(activation: Activation, q: f64, nodes: &mut KeptNodes) -> Self {
        let scale = q.sqrt();
        if scale != self::scale(q) || matches!(activation, Activation::Sine(_)) {
            return Self {
                value: value(activation, q),
                value_squared: value_squared(activation, q),
                slope_squared: slope_squared(activation, q),
            };
        }
        let [value, value_squared, slope_squared] = nodes.with(activation, scale, |nodes| {
            nodes.means(|z| {
                let (value, slope) = activation.eval(scale * z);
                [value, value * value, slope * slope]
            })
        });
        Self { value, value_squared, slope_squared }
    }
}

/// `E f(h)`.
pub fn value(activation: Activation, q: f64) -> f64 {
    if let Activation::Sine(_) = activation {
        return if q.is_nan() { q } else { 0.0 };
    }
    expect(activation, q.sqrt(), |_, h| activation.eval(h).0)
}

/// `E f(h)²`.
///
/// ```
/// use mean_field::Activation;
/// assert!((mean_field::value_squared(Activation::Relu, 3.0) - 1.5).abs() < 1e-14);
/// ```
pub fn value_squared(activation: Activation, q: f64) -> f64 {
    if let Activation::Sine(omega) = activation {
        return sine::value_squared(omega, q.sqrt());
    }
    expect(activation, q.sqrt(), |_, h| activation.eval(h).0.powi(2))
}

/// `E f′(h)²`; the limit at q = 0 and q = ∞.
pub fn slope_squared(activation: Activation, q: f64) -> f64 {
    if let Activation::Sine(omega) = activation {
        return sine::slope_squared(omega, scale(q));
    }
    expect(activation, scale(q), |_, h| activation.eval(h).1.powi(2))
}

/// The derivative of `E f(h)²` with respect to q; the limit at q = 0 and q = ∞.
pub fn value_squared_slope(activation: Activation, q: f64) -> f64 {
    let scale = scale(q);
    if let Activation::Sine(omega) = activation {
        return sine::value_squared_slope(omega, scale);
    }
    if scale >= 0.01 {
        return expect(activation, scale, |z, h| {
            let (value, slope) = activation.eval(h);
            z * value * slope / scale
        });
    }
    // `E z·f·f′/√q` cancels here if f(0) is not 0. Integration by parts gives `E f′² + f·f″` without the jumps of f·f′:
    // there is none at 0, where f is 0 or smooth, and other kinks are far from such an h.
    expect(activation, scale, |_, h| {
        let (value, slope) = activation.eval(Dual { value: h, slope: 1.0 });
        slope.value.powi(2) + value.value * slope.slope
    })
}

/// `E f(h)²` with √q limited as in [`scale`].
pub(crate) fn value_squared_inside(activation: Activation, q: f64) -> f64 {
    if let Activation::Sine(omega) = activation {
        return sine::value_squared(omega, scale(q));
    }
    expect(activation, scale(q), |_, h| activation.eval(h).0.powi(2))
}

/// `E f(g)·f(h)` for a pair with these variances, limited as in [`scale`], and correlation c.
#[track_caller]
pub(crate) fn values(activation: Activation, variances: (f64, f64), c: f64) -> f64 {
    if let Activation::Sine(omega) = activation {
        return sine::values(omega, (scale(variances.0), scale(variances.1)), checked(c));
    }
    pair(activation, variances, c, |h| activation.eval(h).0)
}

/// `E f′(g)·f′(h)` for such a pair.
#[track_caller]
pub(crate) fn slopes(activation: Activation, variances: (f64, f64), c: f64) -> f64 {
    if let Activation::Sine(omega) = activation {
        return sine::slopes(omega, (scale(variances.0), scale(variances.1)), checked(c));
    }
    pair(activation, variances, c, |h| activation.eval(h).1)
}

/// √q, limited to 1e−70 and 1e70: for ratios and slopes this is as good as 0 and ∞, and keeps them finite, the square of
/// ReLU² too.
pub(crate) fn scale(q: f64) -> f64 {
    q.sqrt().clamp(1e-70, 1e70)
}

/// A correlation, held to its range as `bivariate` holds it.
#[track_caller]
fn checked(c: f64) -> f64 {
    assert!(c.is_nan() || (-1.0..=1.0).contains(&c), "the correlation c = {c} must be between -1 and 1");
    c
}

fn expect(activation: Activation, scale: f64, f: impl Fn(f64, f64) -> f64) -> f64 {
    KeptNodes::default().with(activation, scale, |nodes| nodes.means(|z| [f(z, scale * z)])[0])
}

#[track_caller]
fn pair(activation: Activation, (p, q): (f64, f64), c: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (a, b) = (scale(p), scale(q));
    if (a * b * c).is_nan() {
        return f64::NAN;
    }
    let both = [breaks(activation, a), breaks(activation, b)].concat();
    bivariate(c, &both, |x| f(a * x), |y| f(b * y))
}

/// The kinks of `f(scale·z)` that are finite.
pub(crate) fn breaks(activation: Activation, scale: f64) -> Vec<f64> {
    activation.kinks().iter().map(|kink| kink / scale).filter(|at| at.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both forms of the derivative, just below and just above √q = 0.01.
    #[test]
    fn both_forms_of_the_slope_agree_at_the_switch() {
        for activation in Activation::ALL {
            let slope = |q: f64| value_squared_slope(activation, q);
            let (below, above) = (slope(1e-4 * (1.0 - 1e-14)), slope(1e-4 * (1.0 + 1e-14)));
            // The division in E z·f·f′/√q costs two digits.
            assert!((below - above).abs() < 1e-13, "{activation}: {below} and {above}");
        }
    }

    #[test]
    fn the_slope_agrees_with_a_difference_quotient() {
        for activation in Activation::ALL {
            for q in [1e-3, 0.3, 2.0, 50.0] {
                let h = 1e-5 * q;
                let two = value_squared(activation, q + h) - value_squared(activation, q - h);
                let slope = value_squared_slope(activation, q);
                // The error of the quotient is 1e-13/1e-5 of E f²/q from rounding, and 1e-10 of the slope from the
                // step.
                let tolerance = 1e-7 * (slope.abs() + value_squared(activation, q) / q * 0.1);
                assert!((two / (2.0 * h) - slope).abs() < tolerance, "{activation} at {q}: {slope}");
            }
        }
    }

    /// At 0 and ∞, tanh becomes x and ±1, softplus ln 2 + x/2 + x²/8 and ReLU, GELU x/2 and ReLU.
    #[test]
    fn limits_at_zero_and_infinity() {
        let softplus = 0.25 + std::f64::consts::LN_2 / 4.0;
        for (activation, zero, infinity) in [
            (Activation::Tanh, 1.0, 0.0),
            (Activation::Relu, 0.5, 0.5),
            (Activation::HardTanh, 1.0, 0.0),
            (Activation::Softplus(1.0), softplus, 0.5),
            (Activation::Gelu, 0.25, 0.5),
            (Activation::Sigmoid, 1.0 / 16.0, 0.0),
            (Activation::Elu(0.5), 0.625, 0.5),
            (Activation::Sine(3.0), 9.0, 0.0),
        ] {
            let close = |value: f64, exact: f64| (value - exact).abs() < 1e-13;
            assert!(close(value_squared_slope(activation, 0.0), zero), "{activation} at 0");
            assert!(close(value_squared_slope(activation, f64::INFINITY), infinity), "{activation} at ∞");
        }
        for activation in Activation::ALL {
            let at_zero = activation.eval(0.0_f64).0.powi(2);
            assert!((value_squared(activation, 0.0) - at_zero).abs() <= 1e-15 * at_zero, "{activation}");
            assert!(slope_squared(activation, f64::INFINITY).is_finite(), "{activation}");
            assert!(value_squared(activation, f64::NAN).is_nan(), "{activation}");
        }
    }
}
