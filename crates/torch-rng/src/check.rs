//! The parameters that a sampler refuses.

/// Panics unless lo ≤ hi, where both and hi − lo are at most `max`, the largest number of the slice's type.
#[track_caller]
pub(crate) fn bounds(lo: f64, hi: f64, max: f64) {
    assert!(lo <= hi, "uniform: lo = {lo} must not exceed hi = {hi}");
    let fits = -max <= lo && hi <= max && hi - lo <= max;
    assert!(fits, "uniform: lo = {lo}, hi = {hi} or their difference is beyond the largest number {max:e}");
}

/// Panics unless std ≥ 0.
#[track_caller]
pub(crate) fn deviation(std: f64) {
    assert!(std >= 0.0, "normal: std = {std} must be zero or more");
}

/// Panics unless 0 ≤ p ≤ 1.
#[track_caller]
pub(crate) fn probability(p: f64) {
    assert!((0.0..=1.0).contains(&p), "bernoulli: p = {p} must lie in [0, 1]");
}

/// Panics unless lambda > 0.
#[track_caller]
pub(crate) fn rate(lambda: f64) {
    assert!(lambda > 0.0, "exponential: lambda = {lambda} must be more than zero");
}
