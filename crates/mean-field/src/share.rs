//! Shares of activations.

use gaussian::cdf;
use tensor::Activation;

use crate::root::root;

/// The share of `f(h)`, `h ~ N(0, q)`, farther than `t` half-ranges from the middle of f's range, as a function of q;
/// `None` if the range is infinite. For functions that rise.
pub(crate) fn saturated(activation: Activation, t: f64) -> Option<impl Fn(f64) -> f64> {
    let (lo, hi) = range(activation)?;
    let (middle, half) = (lo.midpoint(hi), (hi - lo) / 2.0);
    let below = inverse(activation, middle - t * half);
    let above = inverse(activation, middle + t * half);
    Some(move |q: f64| cdf(below / q.sqrt()) + cdf(-above / q.sqrt()))
}

/// Where f goes at the ends, if both are finite.
fn range(activation: Activation) -> Option<(f64, f64)> {
    let ends = activation.limits();
    (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
}

/// Where f, which rises, is at a level; ±∞ if it stays short of it, or only reaches it.
fn inverse(activation: Activation, level: f64) -> f64 {
    let f = |x: f64| activation.eval(x).0 - level;
    let far = |end: f64| (0..11).map(|k| end * f64::from(1 << k)).find(|&x| f(x) * end > 0.0);
    match (far(-1.0), far(1.0)) {
        (Some(lo), Some(hi)) => root(lo, hi, f),
        (None, _) => f64::NEG_INFINITY,
        (_, None) => f64::INFINITY,
    }
}

/// The share of `f(h)`, `h ~ N(0, q)`, that is exactly 0: the intervals between kinks on which f is.
pub(crate) fn zeros(activation: Activation, q: f64) -> f64 {
    let at = |x: f64| activation.eval(x);
    if q == 0.0 {
        return f64::from(u8::from(at(0.0).0 == 0.0));
    }
    let kinks = activation.kinks().iter().copied();
    let ends: Vec<f64> = [f64::NEG_INFINITY].into_iter().chain(kinks).chain([f64::INFINITY]).collect();
    // Analytic inside, so 0 throughout if value and slope are at one place that is not the function's own.
    let is_zero = |ends: &&[f64]| at(ends[0].max(-9.0).midpoint(ends[1].min(8.0))) == (0.0, 0.0);
    ends.windows(2).filter(is_zero).map(|ends| cdf(ends[1] / q.sqrt()) - cdf(ends[0] / q.sqrt())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles: tanh passes 0.97 at atanh 0.97, sigmoid (1 + 0.97)/2 at 2·atanh 0.97, hard tanh 0.97 at 0.97.
    #[test]
    fn saturation_is_a_share_of_a_normal_law() {
        let two_sides = |x: f64| 2.0 * cdf(-x);
        let share = |activation, q: f64| saturated(activation, 0.97).map(|share| share(q));
        for q in [0.5_f64, 1.0, 9.0] {
            for (activation, at) in [
                (Activation::Tanh, 0.97_f64.atanh()),
                (Activation::Sigmoid, 2.0 * 0.97_f64.atanh()),
                (Activation::HardTanh, 0.97),
            ] {
                let exact = two_sides(at / q.sqrt());
                assert!((share(activation, q).unwrap() / exact - 1.0).abs() < 1e-12, "{activation} at {q}");
            }
        }
        for activation in [Activation::Relu, Activation::Gelu, Activation::Softplus, Activation::Identity] {
            assert_eq!(share(activation, 1.0), None, "{activation}");
        }
        assert_eq!(share(Activation::Tanh, 0.0), Some(0.0));
    }

    #[test]
    fn beyond_the_range_is_nothing() {
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::HardTanh, Activation::Erf] {
            assert_eq!(saturated(activation, 1.0).unwrap()(4.0), 0.0, "{activation}");
            assert!((saturated(activation, 0.0).unwrap()(4.0) - 1.0).abs() < 1e-15, "{activation}");
        }
    }

    #[test]
    fn half_of_relus_values_are_zero_and_none_of_others() {
        for activation in Activation::ALL {
            let half = if activation == Activation::Relu { 0.5 } else { 0.0 };
            assert_eq!(zeros(activation, 2.0), half, "{activation}");
        }
        assert_eq!((zeros(Activation::Tanh, 0.0), zeros(Activation::Sigmoid, 0.0)), (1.0, 0.0));
        assert_eq!(zeros(Activation::LeakyRelu(0.0), 1.0), 0.5);
    }
}
