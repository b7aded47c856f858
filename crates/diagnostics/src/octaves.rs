//! The line in steps of equal relative width: what a sketch of quantiles counts with.
//!
//! A double's bits, shifted right to its sign, exponent and first seven bits of the mantissa, are its bin: they ascend
//! with the magnitude, and equal steps divide every power of two. Single precision goes the same way, as its subnormals
//! are normal doubles.

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

/// Places for the signed bins of a range, ascending: −∞, negative bins, 0, positive bins, and last +∞ with NaN. So no value
/// needs a branch.
#[derive(Clone, Copy)]
pub(crate) struct Octaves {
    /// The bin before that of the smallest magnitude.
    before: u32,
    /// The place of 0: the number of places on either side of it.
    pub(crate) zero: u32,
}

impl Octaves {
    /// Of all bins from the smallest magnitude to the largest.
    pub(crate) fn of(extent: &Extent) -> Self {
        let (least, most) = (extent.least, extent.most());
        let (first, last) = if least <= most { (bin(least), bin(most)) } else { (bin(1.0), bin(1.0)) };
        Self { before: first - 1, zero: last + 2 - first }
    }

    /// How many there are.
    pub(crate) fn places(&self) -> usize {
        2 * self.zero as usize + 1
    }

    /// The place of a value; of one that is not in the range, a place beside its end, or that of 0.
    #[inline(always)]
    pub(crate) fn place(self) -> impl Fn(f64) -> u32 + Copy {
        let Self { before, zero } = self;
        let (low, high) = (edge(before), edge(before + zero));
        #[inline(always)]
        move |x: f64| {
            // NaN is not below anything.
            let magnitude = if x.abs() < high { x.abs() } else { high };
            let magnitude = if magnitude > low { magnitude } else { low };
            let steps = bin(magnitude).wrapping_sub(before);
            if x < 0.0 { zero.wrapping_sub(steps) } else { zero.wrapping_add(steps) }
        }
    }

    /// Values in each place.
    pub(crate) fn count<T: Real>(self, values: &[T]) -> Vec<u64> {
        let mut counts = vec![0; self.places()];
        let place = self.place();
        tally(
            values,
            &mut counts,
            #[inline(always)]
            move |x: T| place(x.to_f64()),
            |_, place| place,
        );
        counts
    }

    /// Signed bins that hold values in ascending order, with their counts, of those in each place.
    pub(crate) fn bins(self, counts: &[u64]) -> Vec<(i32, u64)> {
        let (zero, before) = (self.zero as i32, self.before as i32);
        let mut bins = Vec::new();
        // A plain loop, because most places are empty: passing them in a chain of iterators took a quarter of a report.
        for (step, &count) in (1 - zero..zero).zip(&counts[1..]) {
            if count > 0 {
                bins.push((step + step.signum() * before, count));
            }
        }
        bins
    }

    /// NaN and infinite values among those in each place.
    pub(crate) fn non_finite(counts: &[u64]) -> u64 {
        counts[0] + counts[counts.len() - 1]
    }
}
