//! Fractions of activations: saturated, and exactly 0.

use gaussian::cdf;
use tensor::Activation;

use crate::root::root;

/// The fraction of `f(h)`, `h ~ N(0, q)`, that is more than `t` half-ranges from the middle of f's range, as a function
/// of q; `None` if the range is infinite. f must be increasing.
pub(crate) fn saturated(activation: Activation, t: f64) -> Option<impl Fn(f64) -> f64> {
    let (lo, hi) = range(activation)?;
    let (middle, half) = (lo.midpoint(hi), (hi - lo) / 2.0);
    let below = inverse(activation, middle - t * half);
    let above = inverse(activation, middle + t * half);
    Some(move |q: f64| cdf(below / q.sqrt()) + cdf(-above / q.sqrt()))
}

/// The range near whose ends f is saturated, if both are finite.
fn range(activation: Activation) -> Option<(f64, f64)> {
    let ends = activation.saturation_range();
    (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
}

/// The point at which f, which is increasing, has the value `level`; ±∞ if f does not cross it.
fn inverse(activation: Activation, level: f64) -> f64 {
    let f = |x: f64| activation.eval(x).0 - level;
    let far = |end: f64| (0..60).map(|k| end * 2_f64.powi(k)).find(|&x| f(x) * end > 0.0);
    match (far(-1.0), far(1.0)) {
        (Some(lo), Some(hi)) => root(lo, hi, f),
        (None, _) => f64::NEG_INFINITY,
        (_, None) => f64::INFINITY,
    }
}

/// The fraction of `f(h)`, `h ~ N(0, q)`, that is exactly 0: the probability of the intervals on which f is 0.
pub(crate) fn zeros(activation: Activation, q: f64) -> f64 {
    let at = |x: f64| activation.eval(x);
    if q == 0.0 {
        return f64::from(u8::from(at(0.0).0 == 0.0));
    }
    let kinks = activation.kinks().iter().copied();
    let ends: Vec<f64> = [f64::NEG_INFINITY].into_iter().chain(kinks).chain([f64::INFINITY]).collect();
    // Between its kinks f is analytic: if value and slope are 0 at an arbitrary point, f is 0 on the whole interval.
    let is_zero = |ends: &&[f64]| at(ends[0].max(-9.0).midpoint(ends[1].min(8.0))) == (0.0, 0.0);
    ends.windows(2).filter(is_zero).map(|ends| cdf(ends[1] / q.sqrt()) - cdf(ends[0] / q.sqrt())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// tanh crosses 0.97 at atanh 0.97, sigmoid (1 + 0.97)/2 at 2·atanh 0.97, hard tanh 0.97 at 0.97.
    #[test]
    fn saturation_is_a_normal_probability() {
        let two_sides = |x: f64| 2.0 * cdf(-x);
        let fraction = |activation, q: f64| saturated(activation, 0.97).map(|fraction| fraction(q));
        for q in [0.5_f64, 1.0, 9.0] {
            for (activation, at) in [
                (Activation::Tanh, 0.97_f64.atanh()),
                (Activation::Sigmoid, 2.0 * 0.97_f64.atanh()),
                (Activation::HardTanh, 0.97),
                (Activation::HardSigmoid, 3.0 * 0.97),
            ] {
                let exact = two_sides(at / q.sqrt());
                assert!(
                    (fraction(activation, q).unwrap() / exact - 1.0).abs() < 1e-12,
                    "{activation} at {q}"
                );
            }
        }
        for activation in
            [Activation::Relu, Activation::Gelu, Activation::Softplus(1.0), Activation::Identity]
        {
            assert_eq!(fraction(activation, 1.0), None, "{activation}");
        }
        assert_eq!(fraction(Activation::Tanh, 0.0), Some(0.0));
        // Softsign crosses 0.97 at 0.97/0.03.
        let softsign = fraction(Activation::Softsign, 100.0).unwrap();
        assert!((softsign / two_sides(0.97 / 0.3) - 1.0).abs() < 1e-12, "{softsign}");
        // ReLU6 is saturated near 6 only.
        let relu6 = fraction(Activation::Relu6, 9.0).unwrap();
        assert!((relu6 / cdf(-0.97 * 6.0 / 3.0) - 1.0).abs() < 1e-12, "{relu6}");
        assert_eq!(fraction(Activation::Sine(1.0), 1.0), None);
    }

    #[test]
    fn no_value_is_outside_the_range() {
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::HardTanh, Activation::Erf] {
            assert_eq!(saturated(activation, 1.0).unwrap()(4.0), 0.0, "{activation}");
            assert!((saturated(activation, 0.0).unwrap()(4.0) - 1.0).abs() < 1e-15, "{activation}");
        }
    }

    #[test]
    fn values_are_zero_where_the_function_is() {
        for activation in Activation::ALL {
            let exact = match activation {
                Activation::Relu | Activation::ReluSquared | Activation::Relu6 => 0.5,
                Activation::HardSwish | Activation::HardSigmoid => cdf(-3.0 / 2f64.sqrt()),
                _ => 0.0,
            };
            assert_eq!(zeros(activation, 2.0), exact, "{activation}");
        }
        assert_eq!((zeros(Activation::Tanh, 0.0), zeros(Activation::Sigmoid, 0.0)), (1.0, 0.0));
        assert_eq!(zeros(Activation::LeakyRelu(0.0), 1.0), 0.5);
    }
}
