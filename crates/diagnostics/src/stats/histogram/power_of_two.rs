//! Bins whose width is a power of two: chosen automatically, and exactly mergeable.
//!
//! A subset never needs wider bins than the whole, and wider bins are unions of narrower ones. So two histograms, widened
//! together until their bins are few enough, are the histogram of all values.
//!
//! They cost as much as bins over the range: moments, sketch and histogram of 13,000 values take 38 µs with either, those
//! of a million values 1.6 and 1.7 ms.

use crate::stats::moments::ValueRange;

/// Magnitudes from here on are outside: the edges around them would overflow.
pub(super) const LIMIT: f64 = (f64::MAX / 4.0).next_up();
/// The exponent of the finest width, relative to that of the largest magnitude, so that bins can be numbered.
const FINEST: i32 = 30;
/// The exponent of the smallest normal number.
const LOWEST: i32 = f64::MIN_EXP - 1;

/// Counts over bins of width `2^exponent`, starting with the one at `first·2^exponent`; the first and the last hold
/// values.
#[derive(Debug, PartialEq)]
pub(super) struct PowerOfTwoBins {
    exponent: i32,
    first: i64,
    pub(super) counts: Vec<u64>,
}

/// The edges of at most `bins` bins for values of a range that ends at [`LIMIT`]; `0..1` if there are none.
///
/// # Panics
/// If there are fewer than 2 bins.
#[track_caller]
pub(super) fn edges(range: &ValueRange, bins: usize) -> Vec<f64> {
    assert!(bins > 1, "histogram: {bins} bins; Binning::PowerOfTwo needs at least 2, one on each side of 0");
    let &ValueRange { min, max, .. } = range;
    if min > max {
        return vec![0.0, 1.0];
    }
    let exponent = narrowest(min, max, bins);
    let scale = power(-exponent);
    let (first, last) = (index(min, scale) as i64, index(max, scale) as i64);
    (first..=last + 1).map(|i| i as f64 * power(exponent)).collect()
}

impl PowerOfTwoBins {
    /// The bins between these edges.
    pub(super) fn with_edges(edges: &[f64], counts: &[u64]) -> Self {
        let width = edges[1] - edges[0];
        Self { exponent: exponent(width), first: (edges[0] / width) as i64, counts: counts.to_vec() }
    }

    pub(super) fn edges(&self) -> Vec<f64> {
        (0..=self.counts.len() as i64).map(|i| (self.first + i) as f64 * power(self.exponent)).collect()
    }

    /// The sum of both, in at most `bins` bins.
    pub(super) fn merge(mut self, mut other: Self, bins: usize) -> Self {
        if self.is_empty() || other.is_empty() {
            return if self.is_empty() { other } else { self };
        }
        let mut exponent = self.exponent.max(other.exponent);
        loop {
            self = self.widened(exponent);
            other = other.widened(exponent);
            let (first, end) = (self.first.min(other.first), self.end().max(other.end()));
            if end - first <= bins as i64 {
                let counts = (first..end).map(|bin| self.count(bin) + other.count(bin)).collect();
                return Self { exponent, first, counts };
            }
            exponent += 1;
        }
    }

    fn is_empty(&self) -> bool {
        self.counts.iter().all(|&count| count == 0)
    }

    fn end(&self) -> i64 {
        self.first + self.counts.len() as i64
    }

    fn count(&self, bin: i64) -> u64 {
        usize::try_from(bin - self.first).ok().and_then(|at| self.counts.get(at)).copied().unwrap_or(0)
    }

    /// The same counts in bins of width `2^exponent`, which is not narrower than before.
    fn widened(self, exponent: i32) -> Self {
        let shift = (exponent - self.exponent).min(63);
        let (first, last) = (self.first >> shift, (self.end() - 1) >> shift);
        let mut counts = vec![0; (last - first) as usize + 1];
        for (bin, count) in (self.first..).zip(self.counts) {
            counts[((bin >> shift) - first) as usize] += count;
        }
        Self { exponent, first, counts }
    }
}

/// The exponent of the narrowest width for which `bins` bins suffice.
fn narrowest(min: f64, max: f64, bins: usize) -> i32 {
    let mut exponent = (exponent(max.max(-min)) - FINEST).max(LOWEST);
    while index(max, power(-exponent)) - index(min, power(-exponent)) >= bins as f64 {
        exponent += 1;
    }
    exponent
}

/// `2^exponent`, for the exponents of normal numbers.
fn power(exponent: i32) -> f64 {
    f64::from_bits(((exponent + f64::MAX_EXP - 1) as u64) << (f64::MANTISSA_DIGITS - 1))
}

/// The exponent of the power of two at or below `x ≥ 0`, or that of the smallest normal number.
fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i32 - (f64::MAX_EXP - 1)).max(LOWEST)
}

/// `⌊x·scale⌋`, also if the product underflows: negative values stay below 0.
fn index(x: f64, scale: f64) -> f64 {
    let product = x * scale;
    let barely = x < 0.0 && product > -0.5;
    (if barely { -0.5 } else { product }).floor()
}
