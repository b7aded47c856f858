//! Counts by sign, exponent and the first seven bits of the mantissa: what a sketch of quantiles counts with.
//!
//! A double's bits, shifted right, are its bin: they ascend with the magnitude, and equal steps divide every power
//! of two. Single precision goes the same way, as its subnormals are normal doubles.

use tensor::Real;

use crate::extent::Extent;
use crate::tally::tally;

/// Mantissa bits of a bin.
const BITS: u32 = 7;

/// The width of a bin over its lower edge, at most.
pub(crate) const RELATIVE_WIDTH: f64 = 1.0 / (1_u32 << BITS) as f64;

/// Mantissa bits that a bin drops.
const DROPPED: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// The bin of a magnitude.
#[inline(always)]
fn bin(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> DROPPED) as u32
}

/// The smallest magnitude of a bin.
fn edge(bin: u32) -> f64 {
    f64::from_bits(u64::from(bin) << DROPPED)
}

/// The signed bin of a value; 0 for what is too small for one.
pub(crate) fn signed(x: f64) -> i32 {
    let bin = if x.abs() < f64::MIN_POSITIVE { 0 } else { bin(x.abs()) as i32 };
    if x < 0.0 { -bin } else { bin }
}

/// The bounds of a signed bin in ascending order.
pub(crate) fn bounds(bin: i32) -> (f64, f64) {
    let (near, far) = (edge(bin.unsigned_abs()), edge(bin.unsigned_abs() + 1));
    match bin.signum() {
        0 => (0.0, 0.0),
        1 => (near, far),
        _ => (-far, -near),
    }
}

/// A table of the bins from the smallest magnitude seen to the largest.
///
/// It has a place for zeros before and one for what is not finite behind, so that no value needs a branch.
#[derive(Default)]
pub(crate) struct Octaves {
    /// The first bin, which is the second place.
    first: u32,
    /// The bin behind the last, which is the last place.
    end: u32,
    /// Two a place: positive and negative values.
    counts: Vec<u64>,
}

impl Octaves {
    /// Counts values, the fewer at once the better for the cache; their `extent` is that of all finite ones.
    pub(crate) fn add<T: Real>(&mut self, values: &[T], extent: &Extent) {
        self.cover(extent);
        let before = self.first - 1;
        let (low, high) = (edge(before), edge(self.end));
        tally(
            values,
            &mut self.counts,
            #[inline(always)]
            move |x: T| {
                let x = x.to_f64();
                let magnitude = x.abs();
                // NaN is not below anything.
                let magnitude = if magnitude < high { magnitude } else { high };
                let magnitude = if magnitude > low { magnitude } else { low };
                let sign = (x.to_bits() >> 63) as u32;
                bin(magnitude).wrapping_sub(before).wrapping_mul(2) | sign
            },
            |_, slot| slot,
        );
    }

    /// Makes room for every bin of an extent, in whole octaves: values that creep outwards move the table seldom.
    fn cover(&mut self, extent: &Extent) {
        let octave = 1 << BITS;
        let (mut first, mut end) = (bin(1.0), bin(1.0));
        if extent.least <= extent.most() {
            (first, end) = (bin(extent.least) / octave * octave, (bin(extent.most()) / octave + 1) * octave);
        }
        if self.counts.is_empty() {
            *self = Self { first, end, counts: vec![0; places(first, end)] };
        } else if first < self.first || end > self.end {
            let (first, end) = (first.min(self.first), end.max(self.end));
            let mut counts = vec![0; places(first, end)];
            let (inside, last) = (2..self.counts.len() - 2, counts.len() - 2);
            let from = 2 + 2 * (self.first - first) as usize;
            counts[..2].copy_from_slice(&self.counts[..2]);
            counts[from..from + inside.len()].copy_from_slice(&self.counts[inside.clone()]);
            counts[last..].copy_from_slice(&self.counts[inside.end..]);
            *self = Self { first, end, counts };
        }
    }

    /// Signed bins that hold values in ascending order, with their counts; zeros are bin 0.
    pub(crate) fn bins(&self) -> Vec<(i32, u64)> {
        let (pairs, _) = self.counts.as_chunks::<2>();
        let places = (self.end - self.first) as usize;
        let inside = || (self.first as i32..self.end as i32).zip(&pairs[1..=places]);
        // Plain loops, because most places are empty: passing them in one chain of iterators took a quarter of a report.
        let mut bins = Vec::new();
        for (bin, &[_, negative]) in inside().rev() {
            if negative > 0 {
                bins.push((-bin, negative));
            }
        }
        let [zeros, negative_zeros] = pairs[0];
        if zeros + negative_zeros > 0 {
            bins.push((0, zeros + negative_zeros));
        }
        for (bin, &[positive, _]) in inside() {
            if positive > 0 {
                bins.push((bin, positive));
            }
        }
        bins
    }

    /// NaN and infinite values.
    pub(crate) fn non_finite(&self) -> u64 {
        self.counts.iter().rev().take(2).sum()
    }
}

/// Counts of the bins `first..end` and the two places around them.
fn places(first: u32, end: u32) -> usize {
    2 * (end - first) as usize + 4
}
