//! Counts over given edges, and last what is in no bin.

use tensor::Real;

use crate::tally::{rounder, tally, whole};

/// The most bins that are counted by a product: whole numbers up to here have room between them in single precision.
const MOST: usize = 1 << 20;

/// Over equal bins, the last one closed: edges `i·step + lo` and last `hi`, as [`linear`](crate::binning::linear) rounds
/// them.
///
/// The nearest edge is guessed by a product, and the edge itself, computed as it was, decides between the two bins beside
/// it. All of it is vector code: looked up value by value, edges took twice the time.
pub(crate) fn equal<T: Real>(values: &[T], edges: &[T]) -> Vec<u64> {
    let bins = edges.len() - 1;
    let (lo, hi) = (edges[0], edges[bins]);
    let (last, none) = (T::of(bins as f64 - 1.0), T::of(bins as f64));
    let step = (hi - lo) / none;
    // Halves, because the difference of two numbers may overflow.
    let half = T::of(0.5);
    let half_lo = lo * half;
    let scale = none / (hi * half - half_lo);
    let rounder = rounder::<T>();
    // Then no guess is off by more than one. Roundings move the edges further where few numbers lie between them.
    let even = |(i, &edge): (usize, &T)| {
        let place = T::of(i as f64);
        let near = ((edge * half - half_lo) * scale - place).to_f64().abs() < 0.4;
        near && (i == bins || place * step + lo == edge)
    };
    if bins > MOST || !edges.iter().enumerate().all(even) {
        return any(values, edges);
    }
    let mut counts = vec![0; bins + 1];
    tally(
        values,
        &mut counts,
        #[inline(always)]
        move |x: T| {
            let nearest = ((x * half - half_lo) * scale + rounder) - rounder;
            let bin = if x < nearest * step + lo { nearest - T::ONE } else { nearest };
            // Also where that is NaN.
            let bin = if bin < last { bin } else { last };
            whole((if x >= lo && x <= hi { bin } else { none }).to_f64())
        },
    );
    counts
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
