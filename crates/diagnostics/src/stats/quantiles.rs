//! Quantiles in one mergeable pass: counts over buckets of equal relative width.

use tensor::Real;

use super::histogram::count_bins;
use super::moments::ValueRange;

/// A sketch of a distribution: quantiles to a relative error of 1/128, in one pass and a few kilobytes.
///
/// Values are counted in buckets of equal relative width, as in `DDSketch` (Masson, Rim & Lee 2019): 128 equal steps
/// for each power of two and sign. Merging two sketches gives exactly the sketch of all values, so neither order nor
/// splits matter. NaN and infinity are counted apart.
///
/// ```
/// use diagnostics::Quantiles;
///
/// let values: Vec<f32> = (1..=1000).map(|i| i as f32).collect();
/// let sketch = Quantiles::of(&values);
/// assert!((sketch.median() / 500.0 - 1.0).abs() <= Quantiles::RELATIVE_ERROR);
/// assert_eq!((sketch.quantile(0.0), sketch.quantile(1.0)), (1.0, 1000.0)); // exact
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// NaN and infinite values.
    pub non_finite: u64,
    /// The smallest finite value; infinity if there is none.
    pub min: f64,
    /// The largest finite value; minus infinity if there is none.
    pub max: f64,
    count: u64,
    /// The signed numbers of the buckets that hold values, ascending, with their counts; 0 is the bucket of zeros.
    buckets: Vec<(i32, u64)>,
}

impl Default for Quantiles {
    /// The sketch of no values.
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { non_finite: 0, min, max, count: 0, buckets: Vec::new() }
    }
}

/// Up to this many values are sorted, because a table of all buckets would be far longer than they are.
pub(super) const FEW: usize = 1024;

impl Quantiles {
    /// The largest relative error of a quantile: `2⁻⁷`, the relative width of a bucket.
    pub const RELATIVE_ERROR: f64 = 1.0 / (1_u32 << BITS) as f64;

    /// The sketch of a slice, in one pass over the memory.
    pub fn of<T: Real>(values: &[T]) -> Self {
        Self::within(values, &ValueRange::of(values, f64::INFINITY))
    }

    /// The sketch of values whose range is known.
    pub(crate) fn within<T: Real>(values: &[T], range: &ValueRange) -> Self {
        if values.len() <= FEW { Self::sorted(values, range) } else { Self::counted(values, range) }
    }

    fn counted<T: Real>(values: &[T], range: &ValueRange) -> Self {
        let buckets = LogBuckets::of(range);
        Self::from_counts(buckets, &buckets.count(values), range)
    }

    /// The sketch with these counts, one for each of the buckets.
    pub(super) fn from_counts(buckets: LogBuckets, counts: &[u64], range: &ValueRange) -> Self {
        let filled = buckets.filled(counts);
        let count = filled.iter().map(|&(_, count)| count).sum();
        let non_finite = LogBuckets::non_finite(counts);
        Self { non_finite, min: range.min, max: range.max, count, buckets: filled }
    }

    pub(super) fn sorted<T: Real>(values: &[T], range: &ValueRange) -> Self {
        let finite = values.iter().map(|x| x.to_f64()).filter(|x| x.is_finite());
        let mut all: Vec<i32> = finite.map(signed_bucket).collect();
        all.sort_unstable();
        Self {
            non_finite: (values.len() - all.len()) as u64,
            min: range.min,
            max: range.max,
            count: all.len() as u64,
            buckets: all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect(),
        }
    }

    /// Adds the values of another sketch; the result is exactly the sketch of all values.
    pub fn merge(&mut self, other: &Self) {
        self.buckets.extend(&other.buckets);
        // Two ascending runs, which a stable sort merges.
        self.buckets.sort_by_key(|&(bucket, _)| bucket);
        self.buckets.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        self.count += other.count;
        self.non_finite += other.non_finite;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// The number of finite values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value of rank `⌊p(n − 1)⌋` from 0, NumPy's `quantile(method="lower")`, to a relative error of
    /// [`RELATIVE_ERROR`](Self::RELATIVE_ERROR); NaN without values.
    ///
    /// The values of a bucket are taken to be evenly spread, so where the density is smooth, the error is far smaller.
    /// The first and the last rank are exact. Magnitudes below `2⁻¹⁰²²`, which only `f64` has, count as 0.
    ///
    /// # Panics
    /// If `p` is not in `0..=1`.
    #[track_caller]
    pub fn quantile(&self, p: f64) -> f64 {
        assert!((0.0..=1.0).contains(&p), "quantile: p is {p}; it must be within 0 to 1");
        if self.count == 0 {
            return f64::NAN;
        }
        let last = self.count - 1;
        match (p * last as f64) as u64 {
            0 => self.min,
            rank if rank >= last => self.max,
            rank => self.at_rank(rank).clamp(self.min, self.max),
        }
    }

    /// `quantile(0.5)`: of an even number of values, the lower of the two in the middle.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The position within a bucket that corresponds to a rank.
    fn at_rank(&self, rank: u64) -> f64 {
        let mut before = 0;
        for &(bucket, count) in &self.buckets {
            if rank < before + count {
                let share = ((rank - before) as f64 + 0.5) / count as f64;
                let (from, to) = signed_bounds(bucket);
                return from + (to - from) * share;
            }
            before += count;
        }
        self.max
    }
}

/// The bits of the mantissa that belong to the number of a bucket. A double's bits, shifted right to its sign, exponent
/// and first seven bits of the mantissa, number its bucket: they ascend with the magnitude, and equal steps divide every
/// power of two. Single precision goes the same way, as its subnormals are normal doubles.
const BITS: u32 = 7;

/// The bits of the mantissa that a bucket's number drops.
const DROPPED: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// The number of the bucket that holds a magnitude.
#[inline(always)]
fn bucket(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> DROPPED) as u32
}

/// The smallest magnitude in a bucket.
fn lower_bound(bucket: u32) -> f64 {
    f64::from_bits(u64::from(bucket) << DROPPED)
}

/// The signed bucket of a value; 0 for magnitudes that are too small to have one.
fn signed_bucket(x: f64) -> i32 {
    let bucket = if x.abs() < f64::MIN_POSITIVE { 0 } else { bucket(x.abs()) as i32 };
    if x < 0.0 { -bucket } else { bucket }
}

/// The bounds of a signed bucket, in ascending order.
fn signed_bounds(bucket: i32) -> (f64, f64) {
    let (near, far) = (lower_bound(bucket.unsigned_abs()), lower_bound(bucket.unsigned_abs() + 1));
    match bucket.signum() {
        0 => (0.0, 0.0),
        1 => (near, far),
        _ => (-far, -near),
    }
}

/// The buckets of a range with their places in a table, ascending: −∞, negative buckets, 0, positive buckets, and last
/// +∞ with NaN. With these ends, no value needs a branch.
#[derive(Clone, Copy)]
pub(super) struct LogBuckets {
    /// The bucket before that of the smallest magnitude.
    before: u32,
    /// The index of the bucket of zeros, which is the number of buckets on either side of it.
    pub(super) zero: u32,
}

impl LogBuckets {
    /// All buckets from the smallest magnitude to the largest.
    pub(super) fn of(range: &ValueRange) -> Self {
        let (least, most) = (range.smallest_magnitude, range.largest_magnitude());
        let (first, last) =
            if least <= most { (bucket(least), bucket(most)) } else { (bucket(1.0), bucket(1.0)) };
        Self { before: first - 1, zero: last + 2 - first }
    }

    /// The number of buckets.
    pub(super) fn len(&self) -> usize {
        2 * self.zero as usize + 1
    }

    /// The index of a value's bucket. A value outside the range gets the bucket beside its end, or that of 0.
    #[inline(always)]
    pub(super) fn index(self) -> impl Fn(f64) -> u32 + Copy {
        let Self { before, zero } = self;
        let (low, high) = (lower_bound(before), lower_bound(before + zero));
        #[inline(always)]
        move |x: f64| {
            // NaN is not below anything.
            let magnitude = if x.abs() < high { x.abs() } else { high };
            let magnitude = if magnitude > low { magnitude } else { low };
            let steps = bucket(magnitude).wrapping_sub(before);
            if x < 0.0 { zero.wrapping_sub(steps) } else { zero.wrapping_add(steps) }
        }
    }

    /// The number of values in each bucket.
    fn count<T: Real>(self, values: &[T]) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        let index = self.index();
        count_bins(
            values,
            &mut counts,
            #[inline(always)]
            move |x: T| index(x.to_f64()),
            |_, bucket| bucket,
        );
        counts
    }

    /// The signed numbers of the buckets that hold values, ascending, with their counts.
    fn filled(self, counts: &[u64]) -> Vec<(i32, u64)> {
        let (zero, before) = (self.zero as i32, self.before as i32);
        let mut filled = vec![(0, 0); counts.iter().filter(|&&count| count > 0).count() + 1];
        let mut end = 0;
        // No branch, because which buckets are empty follows no pattern, and no chain of iterators, which took a quarter of a
        // report here.
        for (step, &count) in (1 - zero..zero).zip(&counts[1..]) {
            filled[end] = (step + step.signum() * before, count);
            end += usize::from(count > 0);
        }
        filled.truncate(end);
        filled
    }

    /// The number of NaN and infinite values.
    fn non_finite(counts: &[u64]) -> u64 {
        counts[0] + counts[counts.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Quantiles;
    use crate::stats::moments::ValueRange;

    fn both_ways<T: tensor::Real>(values: &[T]) -> [Quantiles; 2] {
        let range = ValueRange::of(values, f64::INFINITY);
        [Quantiles::sorted(values, &range), Quantiles::counted(values, &range)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sorting_and_counting_give_the_same_sketch(
            values in prop::collection::vec(prop_oneof![-1.0..1.0_f64, Just(0.0), prop::num::f64::ANY], 1..100),
        ) {
            let [sorted, counted] = both_ways(&values);
            prop_assert_eq!(sorted, counted);
            let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            let [sorted, counted] = both_ways(&single);
            prop_assert_eq!(sorted, counted);
        }
    }
}
