//! Composite quadrature with the normal weight, in panels that shrink towards every critical point.
//!
//! **Range.** The weight is `exp(−(z² − z₀²)/2)` with z₀ the point of the interval nearest 0, so its largest value is 1
//! for any interval. The panels end where the weight is `e^−98 = 3e-43`: at ±14 around 0. The part of `E zᵖ` outside ±L
//! is about `L^(p−1)·e^(−L²/2)/√(2π)`: below 1e-16 of `E zᵖ = (p − 1)!!` for every p up to 50.
//!
//! **Refinement.** Around a point where f or its slope may jump, or change fast, each panel covers the distances
//! `[a, 2a]` from the point, down to the smallest a. Singularities on the line through the point perpendicular to the
//! real axis, such as the poles of `tanh(k·z)`, are at least 3 half-widths away from the panel's centre. That gives an
//! ellipse of convergence with ρ = 3 + √8 = 5.8 on every scale. A function like `erf(k·z)` has no poles but explodes
//! where the imaginary part exceeds the real part. The ellipse that avoids this region has half-axes A, B with
//! `A² − B² = 1` and `A² + B² = 9`: ρ = √5 + 2 = 4.2.
//!
//! **Width.** The weight grows off the real axis too: around 0 as `e^(h²B²/2)` for a panel of half-width h, and far
//! out, where it is `e^(−z₀·t)`, as `e^(z₀·h·A)`. No panel is wider than a 14th of the distance to the weight's end:
//! h = 1/2 around 0 and z₀·h = 3.5 far out, which with ρ = 8 cost `7·8^−24` and `e^(3.5·4.1)·8^−24 = 4e-16`.

use crate::legendre::RULE;

/// The distance from 0 at which the weight ends, in standard deviations.
const REACH: f64 = 14.0;

/// The number of times that the distance to a point is halved. The innermost panel is `14·2^−48 = 5e-14` wide, so that
/// a jump of 1 inside it is below the accuracy.
pub(crate) const FINEST: u32 = 48;

/// `E[f(z) | lo ≤ z ≤ hi]`, with panels that halve `depth` times towards each of `points`, or the bound nearest it.
///
/// f is a trait object, and so is the visitor below, so that this is compiled once: a program with forty integrands compiles in 2 s instead of 12.
#[track_caller]
pub(crate) fn mean(
    (lo, hi): (f64, f64),
    points: &mut dyn Iterator<Item = f64>,
    depth: u32,
    f: &dyn Fn(f64) -> f64,
) -> f64 {
    let mut sums = (0.0, 0.0);
    visit((lo, hi), points, depth, &mut |z, weight| sums = (sums.0 + weight * f(z), sums.1 + weight));
    sums.0 / sums.1
}

/// Visits every node of such an expectation with its weight; the weights are relative to each other.
#[track_caller]
pub(crate) fn visit(
    (lo, hi): (f64, f64),
    points: &mut dyn Iterator<Item = f64>,
    depth: u32,
    node: &mut dyn FnMut(f64, f64),
) {
    assert!(lo <= hi, "expectation: the lower bound {lo} must not exceed the upper bound {hi}");
    let centre = 0_f64.clamp(lo, hi);
    // The t of t·(|z₀| + t/2) = REACH²/2, in the form that does not cancel.
    let far = centre.abs() / REACH;
    let reach = REACH / (libm::hypot(far, 1.0) + far);
    let (lo, hi) = ((lo - centre).max(-reach), (hi - centre).min(reach));
    if lo >= hi {
        return node(centre, 1.0);
    }
    let mut points: Vec<f64> = points.map(|point| (point - centre).clamp(lo, hi)).collect();
    assert!(!points.iter().any(|point| point.is_nan()), "expectation: a break must not be NaN");
    points.sort_by(f64::total_cmp);
    points.dedup();
    for (i, &point) in points.iter().enumerate() {
        let left = if i == 0 { lo } else { points[i - 1].midpoint(point) };
        let right = points.get(i + 1).map_or(hi, |next| point.midpoint(*next));
        for end in [left, right] {
            arm(point, end, depth, reach / REACH, |offset, width| {
                node(centre + offset, width * libm::exp(-offset * (centre + offset / 2.0)));
            });
        }
    }
}

/// The number of times that panels halve until none next to a point is wider than `finest`.
pub(crate) fn depth(finest: f64) -> u32 {
    (0..FINEST).find(|&depth| REACH / f64::from(depth).exp2() <= finest).unwrap_or(FINEST)
}

/// Visits the nodes from `point` to `end`: panels from the far half inwards, and one for the rest.
fn arm(point: f64, end: f64, depth: u32, widest: f64, mut node: impl FnMut(f64, f64)) {
    let mut width = end - point;
    for _ in 0..depth {
        width /= 2.0;
        strip(point + width, width, widest, &mut node);
    }
    strip(point, width, widest, &mut node);
}

/// Visits the nodes from `start` to `start + width`, in panels no wider than `widest`.
fn strip(start: f64, width: f64, widest: f64, node: &mut impl FnMut(f64, f64)) {
    let panels = (width.abs() / widest).ceil();
    let half = width / panels / 2.0;
    for panel in 0..panels as usize {
        let centre = start + half * (2 * panel + 1) as f64;
        for (x, weight) in RULE {
            node(centre + half * x, half.abs() * weight);
        }
    }
}
