//! What an activation does to a normal pre-activation, `h ~ N(0, q)`.

use gaussian::{bivariate, expectation};
use tensor::{Activation, Dual};

/// `E f(h)`.
pub fn value(activation: Activation, q: f64) -> f64 {
    expect(activation, q.sqrt(), |_, h| activation.eval(h).0)
}

/// `E f(h)²`.
///
/// ```
/// use tensor::Activation;
/// assert!((mean_field::value_squared(Activation::Relu, 3.0) - 1.5).abs() < 1e-14);
/// ```
pub fn value_squared(activation: Activation, q: f64) -> f64 {
    expect(activation, q.sqrt(), |_, h| activation.eval(h).0.powi(2))
}

/// `E f′(h)²`; at q = 0 and q = ∞ its limit.
pub fn slope_squared(activation: Activation, q: f64) -> f64 {
    expect(activation, scale(q), |_, h| activation.eval(h).1.powi(2))
}

/// How fast `E f(h)²` grows with q: its derivative; at q = 0 and q = ∞ the limit.
pub fn value_squared_slope(activation: Activation, q: f64) -> f64 {
    let scale = scale(q);
    if scale >= 0.01 {
        return expect(activation, scale, |z, h| {
            let (value, slope) = activation.eval(h);
            z * value * slope / scale
        });
    }
    // `E z·f·f′/√q` cancels here if f(0) is not 0. By parts it is `E f′² + f·f″`, and what that leaves out are jumps of
    // f·f′: at 0, where f is 0 or smooth, there is none, and other kinks are far from such an h.
    expect(activation, scale, |_, h| {
        let (value, slope) = activation.eval(Dual { value: h, slope: 1.0 });
        slope.value.powi(2) + value.value * slope.slope
    })
}

/// `E f(h)²` where √q is between the extremes of [`scale`].
pub(crate) fn value_squared_inside(activation: Activation, q: f64) -> f64 {
    expect(activation, scale(q), |_, h| activation.eval(h).0.powi(2))
}

/// `E f(g)·f(h)` of a pair of variances and correlation c, its variances as [`scale`] has them.
#[track_caller]
pub(crate) fn values(activation: Activation, variances: (f64, f64), c: f64) -> f64 {
    pair(activation, variances, c, |h| activation.eval(h).0)
}

/// `E f′(g)·f′(h)` of such a pair.
#[track_caller]
pub(crate) fn slopes(activation: Activation, variances: (f64, f64), c: f64) -> f64 {
    pair(activation, variances, c, |h| activation.eval(h).1)
}

/// √q, but within 1e±100: for ratios and slopes that is as good as 0 and ∞, and it leaves them a number.
pub(crate) fn scale(q: f64) -> f64 {
    q.sqrt().clamp(1e-100, 1e100)
}

fn expect(activation: Activation, scale: f64, f: impl Fn(f64, f64) -> f64) -> f64 {
    expectation(&breaks(activation, scale), |z| f(z, scale * z))
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

/// Where `f(scale·z)` bends, without what a scale of 0 puts out of reach.
fn breaks(activation: Activation, scale: f64) -> Vec<f64> {
    activation.kinks().iter().map(|kink| kink / scale).filter(|at| at.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two forms of the derivative on either side of where they meet, √q = 0.01.
    #[test]
    fn both_forms_of_the_slope_agree_where_they_meet() {
        for activation in Activation::ALL {
            let slope = |q: f64| value_squared_slope(activation, q);
            let (below, above) = (slope(1e-4 * (1.0 - 1e-14)), slope(1e-4 * (1.0 + 1e-14)));
            // E z·f·f′/√q loses two digits to the division.
            assert!((below - above).abs() < 1e-13, "{activation}: {below} and {above}");
        }
    }

    #[test]
    fn the_slope_is_that_of_a_difference() {
        for activation in Activation::ALL {
            for q in [1e-3, 0.3, 2.0, 50.0] {
                let h = 1e-5 * q;
                let two = value_squared(activation, q + h) - value_squared(activation, q - h);
                let slope = value_squared_slope(activation, q);
                // Rounding leaves a difference 1e-13/1e-5 of E f²/q, its formula 1e-10 of the slope.
                let tolerance = 1e-7 * (slope.abs() + value_squared(activation, q) / q * 0.1);
                assert!((two / (2.0 * h) - slope).abs() < tolerance, "{activation} at {q}: {slope}");
            }
        }
    }

    /// Slopes at the ends: tanh is x and ±1, softplus ln 2 + x/2 + x²/8 and relu; gelu x/2 and relu.
    #[test]
    fn limits() {
        let softplus = 0.25 + std::f64::consts::LN_2 / 4.0;
        for (activation, zero, infinity) in [
            (Activation::Tanh, 1.0, 0.0),
            (Activation::Relu, 0.5, 0.5),
            (Activation::HardTanh, 1.0, 0.0),
            (Activation::Softplus, softplus, 0.5),
            (Activation::Gelu, 0.25, 0.5),
            (Activation::Sigmoid, 1.0 / 16.0, 0.0),
            (Activation::Elu(0.5), 0.625, 0.5),
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
