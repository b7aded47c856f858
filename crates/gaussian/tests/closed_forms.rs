//! Every expectation against a closed form.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use gaussian::{Quadrature, bivariate, cdf, expectation, expectation_within, pdf};
use proptest::prelude::*;

/// The documented accuracy in one dimension, for integrands that do not change sign.
const DIGITS: f64 = 1e-13;

fn close(value: f64, exact: f64, tolerance: f64) -> bool {
    (value - exact).abs() <= tolerance * exact.abs()
}

#[test]
fn even_moments_are_double_factorials() {
    let mut exact = 1.0;
    for k in 1..=25 {
        exact *= f64::from(2 * k - 1);
        let moment = expectation(&[], |z| z.powi(2 * k));
        assert!(close(moment, exact, DIGITS), "E z^{} = {moment:e}, not {exact:e}", 2 * k);
        assert!(expectation(&[], |z| z.powi(2 * k - 1)).abs() <= DIGITS * exact);
    }
}

#[test]
fn a_kink_that_is_not_named_costs_digits() {
    let relu = |z: f64| z.max(0.0).powi(2);
    assert!(close(expectation(&[0.0], relu), 0.5, DIGITS));
    // Without a break at 0.3 the kink is inside a panel.
    let shifted = |z: f64| (z - 0.3).max(0.0);
    let exact = pdf(0.3) - 0.3 * cdf(-0.3);
    assert!(close(expectation(&[0.3], shifted), exact, DIGITS));
    assert!(!close(expectation(&[], shifted), exact, DIGITS));
}

/// `E e^(az) = e^(a²/2)`, `E cos az = e^(−a²/2)`.
#[test]
fn exponentials() {
    for a in [1e-8, 0.1, 1.0, 3.0, 5.0] {
        assert!(close(expectation(&[], |z| (a * z).exp()), (a * a / 2.0).exp(), DIGITS), "{a}");
        assert!((expectation(&[], |z| (a * z).cos()) - (-a * a / 2.0).exp()).abs() < DIGITS, "{a}");
    }
}

proptest! {
    /// `E erf(az)² = 2/π·asin(2a²/(1 + 2a²))` (Williams 1997), from a = 1e-8 to 1e8.
    #[test]
    fn the_arcsine_law(exponent in -8.0..8.0_f64) {
        let a = 10_f64.powf(exponent);
        let exact = arcsine(1.0, a);
        let value = expectation(&[], |z| libm::erf(a * z).powi(2));
        prop_assert!(close(value, exact, DIGITS), "a = {a}: {value:e}, not {exact:e}");
    }

    /// The expectation of the squared slope, a peak of width 1/a: `E e^(−2a²z²) = 1/√(1 + 4a²)`.
    #[test]
    fn narrow_peaks(exponent in -8.0..8.0_f64) {
        let a = 10_f64.powf(exponent);
        let value = expectation(&[], |z| (-2.0 * (a * z).powi(2)).exp());
        prop_assert!(close(value, 1.0 / (4.0 * a * a).sqrt().hypot(1.0), DIGITS), "a = {a}: {value:e}");
    }

    /// `E relu(z − k)` and `E relu(z − k)²` with the kink anywhere.
    #[test]
    fn kinks_anywhere(k in -6.0..6.0_f64) {
        let relu = |z: f64| (z - k).max(0.0);
        let (first, second) = (pdf(k) - k * cdf(-k), (1.0 + k * k) * cdf(-k) - k * pdf(k));
        // Both closed forms cancel for large k.
        let tolerance = DIGITS * (pdf(k) * (1.0 + k.abs()));
        prop_assert!((expectation(&[k], relu) - first).abs() <= DIGITS * first + tolerance, "{k}");
        prop_assert!((expectation(&[k], |z| relu(z).powi(2)) - second).abs() <= DIGITS * second + tolerance, "{k}");
    }

    /// A jump at a break is integrated exactly: `E [z > k] = Φ(−k)`.
    #[test]
    fn jumps_anywhere(k in -8.0..8.0_f64) {
        let value = expectation(&[k], |z| step(z - k));
        // The rounding of its argument changes Φ by k² as much, relatively.
        prop_assert!(close(value, cdf(-k), DIGITS), "{k}: {value:e}, not {:e}", cdf(-k));
    }

    /// Moments of a normal distribution truncated at a and b: `m_k = (k − 1)·m_{k−2} + (a^(k−1)·φ(a) − b^(k−1)·φ(b))/Z`
    /// (Horrace 2015).
    #[test]
    fn truncated_normals(a in -6.0..5.0_f64, width in 0.5..8.0_f64) {
        let b = a + width;
        let mass = if a > 0.0 { cdf(-a) - cdf(-b) } else { cdf(b) - cdf(a) };
        let edge = |x: f64, k: i32| x.powi(k) * pdf(x) / mass;
        // The recurrence cancels, so its rounding error is relative to the sum of the absolute terms.
        let (mut moments, mut sizes) = (vec![1.0, edge(a, 0) - edge(b, 0)], vec![1.0, edge(a, 0) + edge(b, 0)]);
        for k in 2..=8 {
            let (before, factor) = (k as usize - 2, f64::from(k - 1));
            moments.push(factor * moments[before] + edge(a, k - 1) - edge(b, k - 1));
            sizes.push(factor * sizes[before] + edge(a, k - 1).abs() + edge(b, k - 1).abs());
        }
        for (k, (exact, size)) in (0..).zip(moments.into_iter().zip(sizes)) {
            let value = expectation_within(a, b, &[], |z| z.powi(k));
            let tolerance = DIGITS * (size + expectation_within(a, b, &[], |z| z.powi(k).abs()));
            prop_assert!((value - exact).abs() <= tolerance, "E z^{k} within {a}..{b}: {value}, not {exact}");
        }
    }

    /// The distribution is symmetric.
    #[test]
    fn reflection(a in -30.0..30.0_f64, width in 0.0..10.0_f64) {
        let right = expectation_within(a, a + width, &[], |z| (z - a).powi(2));
        let left = expectation_within(-a - width, -a, &[], |z| (z + a).powi(2));
        // The offset is a difference from the bound, and is only as exact as that.
        prop_assert!((right - left).abs() <= DIGITS * right + 1e-14 * width * (a.abs() + width));
    }
}

/// `2/π·asin(2a²c/(1 + 2a²))`, as an arc tangent, which keeps its digits near 1.
fn arcsine(c: f64, a: f64) -> f64 {
    let square = 2.0 * a * a;
    2.0 / PI * (square * c).atan2((1.0 + 2.0 * square + square * square * (1.0 - c) * (1.0 + c)).sqrt())
}

/// `E relu(x)·relu(y)` and the probability that both are positive: `(sin θ + (π − θ)·cos θ)/2π`, `(π − θ)/2π`.
fn arc_cosine(c: f64) -> (f64, f64) {
    // Instead of acos, which loses digits near ±1.
    let theta = 2.0 * ((1.0 - c) / (1.0 + c)).sqrt().atan();
    let sine = ((1.0 - c) * (1.0 + c)).sqrt();
    ((sine + (PI - theta) * c) / (2.0 * PI), (PI - theta) / (2.0 * PI))
}

/// Over the whole range, close to its ends, and at them.
fn correlations() -> Vec<f64> {
    let gaps = [1e-16, 1e-15, 1e-12, 1e-8, 1e-4, 1e-2];
    let ends = gaps.into_iter().flat_map(|gap| [1.0 - gap, gap - 1.0]);
    (-5..=5).map(|fifth| f64::from(fifth) / 5.0).chain(ends).collect()
}

/// The documented accuracy for pairs of functions of second moment 1 or less.
const PAIR: f64 = 1e-12;

fn step(z: f64) -> f64 {
    f64::from(u8::from(z > 0.0))
}

/// Cho & Saul 2009, eqs. 3 to 6, at orders 0 and 1.
#[test]
fn the_arc_cosine_kernels() {
    for c in correlations() {
        let (first, zeroth) = arc_cosine(c);
        let relu = bivariate(c, &[0.0], |x| x.max(0.0), |y| y.max(0.0));
        assert!((relu - first).abs() < PAIR, "relu at {c}: {relu}, not {first}");
        let both = bivariate(c, &[0.0], step, step);
        assert!((both - zeroth).abs() < PAIR, "step at {c}: {both}, not {zeroth}");
    }
}

/// `E erf(ax)·erf(ay) = 2/π·asin(2a²c/(1 + 2a²))` (Williams 1997).
#[test]
fn the_arcsine_kernel() {
    for c in correlations() {
        for a in [1e-3, 1.0, 1e5] {
            let (value, exact) =
                (bivariate(c, &[], |x| libm::erf(a * x), |y| libm::erf(a * y)), arcsine(c, a));
            assert!((value - exact).abs() < PAIR, "a = {a}, c = {c}: {value}, not {exact}");
        }
    }
}

/// Different functions, and a jump away from 0: `E x·[y > k] = c·φ(k)`.
#[test]
fn breaks_away_from_zero() {
    for c in [-0.999_999, -0.7, -0.01, 0.0, 0.3, 0.99, 1.0] {
        for k in [-2.0, 0.4, 1.5] {
            let value = bivariate(c, &[k], |x| x, |y| step(y - k));
            assert!((value - c * pdf(k)).abs() < PAIR, "c = {c}, k = {k}: {value}");
        }
    }
    let unnamed = bivariate(0.3, &[], |x| x, |y| step(y - 0.4));
    assert!((unnamed - 0.3 * pdf(0.4)).abs() > PAIR, "a jump that is not named must be detected");
}

/// The constant by which JAX and Keras correct the standard deviation of a normal distribution truncated at ±2.
#[test]
fn the_truncated_normal_of_other_frameworks() {
    let std = expectation_within(-2.0, 2.0, &[], |z| z * z).sqrt();
    assert!(close(std, 0.879_625_661_034_239_8, 1e-15));
}

/// `E[z | z > a] = φ(a)/Φ(−a)`, the inverse Mills ratio, by its continued fraction where both are 0:
/// `a + 1/(a + 2/(a + 3/(a + …)))`.
#[test]
fn conditions_far_out_in_a_tail() {
    for a in [3.0, 10.0, 40.0, 1e3, 1e8, 1e150] {
        let ratio = (1..200).rev().fold(a, |tail, k| a + f64::from(k) / tail);
        assert!(close(expectation_within(a, f64::INFINITY, &[], |z| z), ratio, DIGITS), "{a}");
        assert!(close(expectation_within(f64::NEG_INFINITY, -a, &[], |z| z), -ratio, DIGITS), "{a}");
    }
    // Within an interval of 1e-9 the distribution is uniform up to 1e-9 · 40.
    let narrow = expectation_within(40.0, 40.0 + 1e-9, &[], |z| (z - 40.0) / 1e-9);
    assert!(close(narrow, 0.5, 1e-4));
}

#[test]
fn equal_bounds_are_a_value() {
    for at in [0.0, -3.5, 1e300] {
        assert_eq!(expectation_within(at, at, &[0.0], |z| z + 1.0), at + 1.0);
    }
}

#[test]
fn the_distribution_function_keeps_both_tails() {
    // R's pnorm, to 15 digits.
    for (x, exact) in
        [(-1.0, 0.158_655_253_931_457), (-10.0, 7.619_853_024_160_53e-24), (2.0, 0.977_249_868_051_821)]
    {
        assert!(close(cdf(x), exact, 1e-13), "{x}");
    }
    assert!(close(pdf(1.0), (-0.5_f64).exp() * FRAC_1_SQRT_2 / PI.sqrt(), 1e-15));
    assert_eq!((cdf(f64::INFINITY), cdf(f64::NEG_INFINITY), pdf(f64::INFINITY)), (1.0, 0.0, 0.0));
}

#[test]
#[should_panic(expected = "the lower bound 1 must not exceed the upper bound 0")]
fn bounds_out_of_order_panic() {
    expectation_within(1.0, 0.0, &[], |z| z);
}

#[test]
#[should_panic(expected = "a break must not be NaN")]
fn a_break_that_is_not_a_number_panics() {
    expectation(&[f64::NAN], |z| z);
}

#[test]
#[should_panic(expected = "the correlation c = 1.5 must be between -1 and 1")]
fn correlations_above_one_panic() {
    bivariate(1.5, &[], |x| x, |y| y);
}

/// The variance of N(0, 1) truncated at ±t is `1 − 2t·φ(t)/(1 − 2Φ(−t))`; other bounds are rejected.
#[test]
fn kept_nodes_within_bounds() {
    for t in [0.5, 2.0, 6.0] {
        let exact = 1.0 - 2.0 * t * pdf(t) / (1.0 - 2.0 * cdf(-t));
        let [variance] = Quadrature::within(-t, t, &[], 0.5).means(|z| [z * z]);
        let [wider] = Quadrature::within(-t, 1.01 * t, &[], 0.5).means(|z| [z * z]);
        assert!(close(variance, exact, DIGITS) && !close(wider, exact, DIGITS), "{t}: {variance}, {exact}");
    }
}
