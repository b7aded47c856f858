//! Pairs of correlated standard normals.

use crate::panels::{FINEST, mean};

/// The number of times that the inner panels halve towards a kink: f may change on a scale of `14·2^−24 = 8e-7`.
const INNER: u32 = 24;

/// The same for the outer panels. A jump of g is a change on the scale `√(1 − c²)` there, and below `14·2^−36 = 2e-10`
/// it counts as a jump.
const OUTER: u32 = 36;

/// `E f(x)·g(y)` for standard normals x and y of correlation c.
///
/// With `y = c·x + √(1 − c²)·w`, w independent of x, this is an integral over w inside an integral over x. Both are
/// split at the `breaks`, where f or g may have a kink, and refined there and at 0. The error is below 1e-12 of
/// `√(E f²·E g²)` for functions with kinks and jumps at the breaks, and for steep functions up to `tanh(1e5·z)`. It
/// takes about a million evaluations.
///
/// ```
/// use gaussian::bivariate;
/// // E relu(x)·relu(y) = (√(1 − c²) + (π − θ)·c)/2π, c = cos θ (Cho & Saul 2009).
/// let relu = |x: f64| x.max(0.0);
/// let exact = 0.75_f64.sqrt() / (2.0 * std::f64::consts::PI) + 1.0 / 6.0;
/// assert!((bivariate(0.5, &[0.0], relu, relu) - exact).abs() < 1e-12);
/// ```
///
/// # Panics
/// If c is not between −1 and 1.
#[track_caller]
pub fn bivariate(c: f64, breaks: &[f64], f: impl Fn(f64) -> f64, g: impl Fn(f64) -> f64) -> f64 {
    assert!((-1.0..=1.0).contains(&c), "the correlation c = {c} must be between -1 and 1");
    const LINE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
    let points = || breaks.iter().copied().chain([0.0]);
    // If |c| is near 1, the inner integral changes fast where the other argument reaches a point.
    let mapped = points().filter(|_| c != 0.0).map(|point| point / c);
    let rest = ((1.0 - c) * (1.0 + c)).sqrt();
    if rest == 0.0 {
        return mean(LINE, &mut points().chain(mapped), FINEST, &|x| f(x) * g(c * x));
    }
    mean(LINE, &mut points().chain(mapped), OUTER, &|x| {
        let mut inner = points().map(|point| (point - c * x) / rest);
        f(x) * mean(LINE, &mut inner, INNER, &|w| g(c * x + rest * w))
    })
}
