//! Checks of the samplers' parameters.

/// Panics unless lo ≤ hi and the size of lo, hi and hi − lo is at most `max`, the largest number of the slice's type.
#[track_caller]
pub(crate) fn bounds(lo: f64, hi: f64, max: f64) {
    assert!(lo <= hi, "uniform: lo = {lo} must not exceed hi = {hi}");
    let fits = -max <= lo && hi <= max && hi - lo <= max;
    assert!(
        fits,
        "uniform: lo = {lo}, hi = {hi} and their difference must not exceed the largest number {max:e}"
    );
}

/// Panics unless std ≥ 0.
#[track_caller]
pub(crate) fn standard_deviation(std: f64) {
    assert!(std >= 0.0, "normal: std = {std} must not be negative or NaN");
}

/// Panics unless 0 ≤ p ≤ 1.
#[track_caller]
pub(crate) fn probability(p: f64) {
    assert!((0.0..=1.0).contains(&p), "bernoulli: p = {p} must be between 0 and 1");
}

/// Panics unless lambda > 0.
#[track_caller]
pub(crate) fn rate(lambda: f64) {
    assert!(lambda > 0.0, "exponential: lambda = {lambda} must be greater than zero");
}
