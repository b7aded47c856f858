//! Chernoff's bound: how far a mean of independent values may be from its expectation, for any number of them.
//!
//! `P(mean − μ ≥ d) ≤ e^(−n·I(d))` with `I(d) = sup_t (t·d − K(t))`, where `K(t) = ln E e^(t·(y − μ))`. The bound holds for every
//! n, unlike the normal approximation, whose tails are wrong by orders of magnitude at the probabilities that matter here. In
//! those tails it is too large by a factor of about ten, which is a quarter of a standard error.

/// At most the probability that a mean of `n` independent values deviates this far or farther in either direction.
///
/// `cumulant(t)` is `K(t)`, for |t| up to `steepest`. It takes long, so a deviation below three standard errors, which no level
/// of a family of tests reaches, counts as none.
pub(super) fn two_sided(
    n: f64,
    deviation: f64,
    variance: f64,
    steepest: f64,
    cumulant: impl Fn(f64) -> f64,
) -> f64 {
    if n * deviation * deviation < 9.0 * variance || deviation.is_nan() {
        return 1.0;
    }
    let side = deviation.signum();
    let exponent = |t: f64| t * deviation.abs() - cumulant(side * t);
    two_sided_of(n * largest(exponent, deviation.abs() / variance, steepest))
}

/// The bound for an exponent `n·I(d)`.
pub(super) fn two_sided_of(exponent: f64) -> f64 {
    // NaN, of values that are not finite, is no evidence here: they are found by themselves.
    if exponent.is_nan() { 1.0 } else { (2.0 * (-exponent).exp()).min(1.0) }
}

/// At most the probability of `hits` or more among `n` independent events of probability `p`.
pub(super) fn at_least(hits: f64, n: f64, p: f64) -> f64 {
    let share = hits / n;
    if share <= p {
        return 1.0;
    }
    let rest = if share >= 1.0 { 0.0 } else { (1.0 - share) * ((1.0 - share) / (1.0 - p)).ln() };
    (-n * (share * (share / p).ln() + rest)).exp()
}

/// The maximum of a concave function on [0, end] that is 0 at 0, found near `guess`: golden sections, which may only be too
/// small, so that the bound stays one.
fn largest(f: impl Fn(f64) -> f64, guess: f64, end: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let mut high = (2.0 * guess).min(end);
    while high < end && f(high) > f(high / 2.0) {
        high = (2.0 * high).min(end);
    }
    while f(high / 4.0) > f(high / 2.0) && high > end * 1e-15 {
        high /= 2.0;
    }
    let mut low = 0.0;
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..18 {
        if at_a < at_b {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = f(b);
        } else {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = f(a);
        }
    }
    at_a.max(at_b).max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bound_of_normal_values_is_its_closed_form() {
        for (n, d) in [(1.0, 3.0), (100.0, 0.5), (1e6, -0.005), (1e9, 2e-4)] {
            let bound = two_sided(n, d, 1.0, 100.0, |t| t * t / 2.0);
            let closed = 2.0 * (-n * d * d / 2.0).exp();
            assert!(bound >= closed && bound <= closed * 1.01, "{n} {d}: {bound} {closed}");
        }
        assert_eq!(two_sided(10.0, 0.0, 1.0, 9.0, |t| t * t), 1.0);
        assert_eq!(two_sided(10.0, f64::NAN, 1.0, 9.0, |t| t * t), 1.0);
    }

    proptest! {
        /// Exact probabilities of a sum of coins.
        #[test]
        fn coins_exceed_no_bound(n in 1..60_u32, hits in 0..60_u32, p in 0.01..0.99_f64) {
            let hits = hits.min(n);
            let term = |k: u32| {
                let choose = (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
                choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
            };
            let above: f64 = (hits..=n).map(term).sum();
            let below: f64 = (0..=hits).map(term).sum();
            let (count, total) = (f64::from(hits), f64::from(n));
            prop_assert!(above <= at_least(count, total, p) * (1.0 + 1e-9));
            let cumulant = |t: f64| (1.0 - p + p * t.exp()).ln() - t * p;
            let bound = two_sided(total, count / total - p, p * (1.0 - p), 50.0, cumulant);
            prop_assert!(above.min(below) <= bound * (1.0 + 1e-6), "{above} {below} {bound}");
        }
    }
}
