//! Quantiles in one mergeable pass.

use tensor::Real;

use crate::extent::Extent;
use crate::octaves::{self, Octaves};

/// A sketch of a distribution: quantiles to a relative error of 1/128, in one pass and with a few kilobytes.
///
/// Values are counted in bins of equal relative width, as in `DDSketch` of Masson, Rim & Lee (2019): 128 equal steps
/// for each power of two and sign. Merged sketches are exactly the sketch of all values, so order and splits do not
/// matter. NaN and infinity are counted and left out.
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
    /// The smallest finite value; infinity when there is none.
    pub min: f64,
    /// The largest finite value; minus infinity when there is none.
    pub max: f64,
    count: u64,
    /// Signed bins that hold values, in ascending order, with their counts; 0 is the bin of zeros.
    bins: Vec<(i32, u64)>,
}

impl Default for Quantiles {
    /// Of nothing.
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { non_finite: 0, min, max, count: 0, bins: Vec::new() }
    }
}

/// So few values are sorted: a table of all bins between is far longer than they are.
pub(crate) const FEW: usize = 1024;

impl Quantiles {
    /// The largest relative error of a quantile: `2⁻⁷`, the width of a bin.
    pub const RELATIVE_ERROR: f64 = octaves::RELATIVE_WIDTH;

    /// Of a slice, in one pass over the memory.
    pub fn of<T: Real>(values: &[T]) -> Self {
        if values.len() <= FEW { Self::of_few(values) } else { Self::of_many(values) }
    }

    fn of_many<T: Real>(values: &[T]) -> Self {
        let extent = Extent::of(values, f64::INFINITY);
        let octaves = Octaves::of(&extent);
        Self::counted(octaves, &octaves.count(values), &extent)
    }

    /// Of the counts in each place.
    pub(crate) fn counted(octaves: Octaves, places: &[u64], extent: &Extent) -> Self {
        let bins = octaves.bins(places);
        let count = bins.iter().map(|&(_, count)| count).sum();
        Self { non_finite: Octaves::non_finite(places), min: extent.min, max: extent.max, count, bins }
    }

    pub(crate) fn of_few<T: Real>(values: &[T]) -> Self {
        let extent = Extent::of(values, f64::INFINITY);
        let finite = values.iter().map(|x| x.to_f64()).filter(|x| x.is_finite());
        let mut all: Vec<i32> = finite.map(octaves::signed).collect();
        all.sort_unstable();
        Self {
            non_finite: (values.len() - all.len()) as u64,
            min: extent.min,
            max: extent.max,
            count: all.len() as u64,
            bins: all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect(),
        }
    }

    /// Adds what another sketch saw: exactly the sketch of all values.
    pub fn merge(&mut self, other: &Self) {
        self.bins.extend(&other.bins);
        // Two ascending runs, which a stable sort merges.
        self.bins.sort_by_key(|&(bin, _)| bin);
        self.bins.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        self.count += other.count;
        self.non_finite += other.non_finite;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Finite values counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value of rank `⌊p(n − 1)⌋` from 0, NumPy's `quantile(method="lower")`, to a relative error of
    /// [`RELATIVE_ERROR`](Self::RELATIVE_ERROR); NaN of nothing.
    ///
    /// Inside a bin, ranks are taken as evenly spread: where the law is smooth the error is far smaller. The first and
    /// the last rank are exact. Magnitudes below `2⁻¹⁰²²`, which only `f64` has, count as 0.
    ///
    /// # Panics
    /// If `p` is not in `0..=1`.
    #[track_caller]
    pub fn quantile(&self, p: f64) -> f64 {
        assert!((0.0..=1.0).contains(&p), "a quantile's p is in 0..=1, not {p}");
        if self.count == 0 {
            return f64::NAN;
        }
        let last = self.count - 1;
        match (p * last as f64) as u64 {
            0 => self.min,
            rank if rank >= last => self.max,
            rank => self.at(rank).clamp(self.min, self.max),
        }
    }

    /// `quantile(0.5)`: of an even number of values the lower of the two in the middle.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The bin that holds a rank, and as far into it as the rank is among its values.
    fn at(&self, rank: u64) -> f64 {
        let mut before = 0;
        for &(bin, count) in &self.bins {
            if rank < before + count {
                let share = ((rank - before) as f64 + 0.5) / count as f64;
                let (from, to) = octaves::bounds(bin);
                return from + (to - from) * share;
            }
            before += count;
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Quantiles;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sorted_or_counted_the_sketch_is_the_same(
            values in prop::collection::vec(prop_oneof![-1.0..1.0_f64, Just(0.0), prop::num::f64::ANY], 1..100),
        ) {
            prop_assert_eq!(Quantiles::of_few(&values), Quantiles::of_many(&values));
            let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            prop_assert_eq!(Quantiles::of_few(&single), Quantiles::of_many(&single));
        }
    }
}
