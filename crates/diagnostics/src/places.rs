//! Counts over given edges, and last what is in no bin.

use tensor::Real;

use crate::tally::{floor, tally, whole};

/// Over equal bins, the last one closed.
///
/// The bin is guessed by a product, in double precision and in vectors; then the edges decide.
pub(crate) fn equal<T: Real>(values: &[T], edges: &[T]) -> Vec<u64> {
    let bins = edges.len() - 1;
    let (lo, hi, last, none) = (edges[0], edges[bins], (bins - 1) as f64, bins as f64);
    // Halves, because the difference of two doubles may overflow.
    let half_lo = lo.to_f64() / 2.0;
    let scale = none / (hi.to_f64() / 2.0 - half_lo);
    // Then no guess is off by more than one. Roundings move the edges further where few numbers lie between them.
    let even = |(i, &edge): (usize, &T)| (position(edge, half_lo, scale) - i as f64).abs() < 0.9;
    if !edges.iter().enumerate().all(even) {
        return any(values, edges);
    }
    let bounds = bounds(edges);
    let mut counts = vec![0; bins + 1];
    tally(
        values,
        &mut counts,
        #[inline(always)]
        move |x: T| {
            let guess = floor(position(x, half_lo, scale));
            let guess = if guess < last { guess } else { last };
            whole(if x >= lo && x <= hi { guess } else { none })
        },
        |x, guess| {
            let [lower, upper] = bounds[guess];
            if x < lower { guess - 1 } else { guess + usize::from(x >= upper) }
        },
    );
    counts
}

/// How many bins `x` lies above the first edge.
#[inline(always)]
fn position<T: Real>(x: T, half_lo: f64, scale: f64) -> f64 {
    (x.to_f64() / 2.0 - half_lo) * scale
}

/// Both edges of each bin; the last has no upper bound, and what is in no bin has none.
fn bounds<T: Real>(edges: &[T]) -> Vec<[T; 2]> {
    let nan = T::of(f64::NAN);
    let upper = edges[1..edges.len() - 1].iter().copied().chain([nan]);
    edges.iter().zip(upper).map(|(&lower, upper)| [lower, upper]).chain([[nan; 2]]).collect()
}

/// Over any ascending edges, the last bin closed.
pub(crate) fn any<T: Real, E: Real>(values: &[T], edges: &[E]) -> Vec<u64> {
    let last = edges.len() - 1;
    let edges: Vec<f64> = edges.iter().map(|edge| edge.to_f64()).collect();
    let mut counts = vec![0; last + 1];
    for x in values {
        let x = x.to_f64();
        let inside = x >= edges[0] && x <= edges[last];
        counts[if inside { edges[1..last].partition_point(|&edge| edge <= x) } else { last }] += 1;
    }
    counts
}
