//! Counts over bins.

mod binning;
mod counting;
mod joint_bins;
mod power_of_two;

use tensor::Real;

use super::MergeError;
use super::moments::ValueRange;
use super::quantiles::{FEW, LogBuckets};
pub use binning::Binning;
pub(crate) use binning::PreparedBinning;
use counting::UniformBins;
pub(super) use counting::count_bins;
pub(super) use joint_bins::JointCounts;
use power_of_two::PowerOfTwoBins;

/// Counts of values over the bins `edges[i]..edges[i + 1]`, the last bin closed, as NumPy's.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The choice of the bins.
    pub binning: Binning,
    /// The edges of the bins, ascending; one more than bins.
    pub edges: Vec<f64>,
    /// The number of values in each bin.
    pub counts: Vec<u64>,
    /// The number of finite values below the first edge or above the last.
    pub outside: u64,
    /// NaN and infinite values.
    pub non_finite: u64,
}

/// The levels of a terminal histogram, from empty to full.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Histogram {
    /// The histogram over the bins of `binning`.
    ///
    /// ```
    /// use diagnostics::{Binning, Histogram};
    ///
    /// let mut all = Histogram::with(&[0.1_f32, 0.6, 1.2], Binning::PowerOfTwo(4));
    /// assert_eq!((all.edges.as_slice(), all.counts.as_slice()), (&[0.0, 0.5, 1.0, 1.5][..], &[1, 1, 1][..]));
    /// all.merge(&Histogram::with(&[3.0_f32], Binning::PowerOfTwo(4)))?;
    /// assert_eq!((all.edges.as_slice(), all.counts.as_slice()), (&[0.0, 1.0, 2.0, 3.0, 4.0][..], &[2, 1, 0, 1][..]));
    /// # Ok::<(), diagnostics::MergeError>(())
    /// ```
    ///
    /// # Panics
    /// If there is no bin (for [`Binning::PowerOfTwo`]: if there are fewer than 2), or the edges would not be finite and
    /// ascending.
    #[track_caller]
    pub fn with<T: Real>(values: &[T], binning: Binning) -> Self {
        match binning {
            Binning::Fixed { lo, hi, bins } => Self::over(values, T::of(lo), T::of(hi), bins),
            _ => {
                let bins = PreparedBinning::of(binning);
                Self::within(values, &bins, &ValueRange::of(values, bins.limit()))
            }
        }
    }

    /// The histogram over `bins` equal bins from the smallest finite value to the largest: matplotlib's `hist`.
    ///
    /// If that range is too narrow for that many different edges, it is widened on both sides by 0.5, or by a hundredth of
    /// the values if that is more. Without values it is `0..1`.
    ///
    /// # Panics
    /// If `bins` is 0.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], bins: usize) -> Self {
        Self::with(values, Binning::Range(bins))
    }

    /// The histogram over `bins` equal bins of `lo..=hi`.
    ///
    /// The edges are rounded to the values' own precision, as NumPy's are, so that the same value falls into the same bin.
    ///
    /// # Panics
    /// If `bins` is 0, `lo < hi` does not hold, or one of them is not finite.
    #[track_caller]
    pub fn over<T: Real>(values: &[T], lo: T, hi: T, bins: usize) -> Self {
        let binning = Binning::Fixed { lo: lo.to_f64(), hi: hi.to_f64(), bins };
        let edges: Vec<f64> = binning::fixed(lo, hi, bins).iter().map(|edge| edge.to_f64()).collect();
        let uniform = UniformBins::<T>::of(&edges, edges[bins]);
        let counts = match uniform {
            Some(uniform) => uniform.count(
                values,
                #[inline(always)]
                |x| x,
            ),
            None => count_between(values, &ValueRange::of(values, f64::INFINITY), &edges),
        };
        Self::from_counts(binning, edges, counts, values)
    }

    /// The histogram of values whose range, up to the limit of the bins, is known.
    #[track_caller]
    pub(super) fn within<T: Real>(values: &[T], bins: &PreparedBinning, range: &ValueRange) -> Self {
        let edges = bins.edges::<T>(range);
        let counts = count_between(values, range, &edges);
        Self::from_counts(bins.binning, edges, counts, values)
    }

    /// The histogram with these counts, the last of which is of the values in no bin.
    pub(super) fn from_counts<T: Real>(
        binning: Binning,
        edges: Vec<f64>,
        mut counts: Vec<u64>,
        values: &[T],
    ) -> Self {
        let elsewhere = counts.pop().unwrap_or(0);
        let infinite = |&x: &&T| !x.to_f64().is_finite();
        let non_finite = if elsewhere > 0 { values.iter().filter(infinite).count() as u64 } else { 0 };
        // In the values' precision.
        let binning = match binning {
            Binning::Fixed { bins, .. } => Binning::Fixed { lo: edges[0], hi: edges[bins], bins },
            other => other,
        };
        Self { binning, edges, counts, outside: elsewhere - non_finite, non_finite }
    }

    /// Adds the counts of another histogram. Any two histograms over [`Binning::PowerOfTwo`] merge, in as many bins as the
    /// smaller of both limits; others need the same edges.
    ///
    /// # Errors
    /// If the edges differ; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        if let (&Binning::PowerOfTwo(a), &Binning::PowerOfTwo(b)) = (&self.binning, &other.binning) {
            let [ours, theirs] = [&*self, other]
                .map(|histogram| PowerOfTwoBins::with_edges(&histogram.edges, &histogram.counts));
            let merged = ours.merge(theirs, a.min(b));
            self.binning = Binning::PowerOfTwo(a.min(b));
            self.edges = merged.edges();
            self.counts = merged.counts;
        } else if self.edges == other.edges {
            self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        } else {
            return Err(MergeError::Edges { ours: self.range(), theirs: other.range() });
        }
        self.outside += other.outside;
        self.non_finite += other.non_finite;
        Ok(())
    }

    /// The first edge, the last edge, and the number of bins.
    fn range(&self) -> (f64, f64, usize) {
        (self.edges[0], self.edges[self.counts.len()], self.counts.len())
    }

    /// The number of values in all bins.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of each bin in [`total`](Self::total); NaN without values.
    pub fn shares(&self) -> Vec<f64> {
        let total = self.total() as f64;
        self.counts.iter().map(|&count| count as f64 / total).collect()
    }

    /// The density in each bin, share divided by width, which integrates to 1: NumPy's `histogram(density=True)`; NaN
    /// without values.
    pub fn density(&self) -> Vec<f64> {
        let widths = self.edges.windows(2).map(|pair| pair[1] - pair[0]);
        self.shares().iter().zip(widths).map(|(share, width)| share / width).collect()
    }

    /// The middle of each bin.
    pub fn centers(&self) -> Vec<f64> {
        self.edges.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0).collect()
    }

    /// The shape of the distribution in `width` characters, the fullest `█`; any count above 0 is visible.
    ///
    /// # Panics
    /// If `width` is 0.
    #[track_caller]
    pub fn spark(&self, width: usize) -> String {
        assert!(width > 0, "spark: a width of 0; it must be at least 1");
        let bins = self.counts.len();
        let column = |at: usize| -> u64 {
            let (from, to) = (at * bins / width, (at + 1) * bins / width);
            self.counts[from..to.max(from + 1)].iter().sum()
        };
        let columns: Vec<u64> = (0..width).map(column).collect();
        let fullest = columns.iter().copied().max().unwrap_or(0).max(1);
        columns.iter().map(|&count| LEVELS[(count * 8).div_ceil(fullest) as usize]).collect()
    }
}

/// The number of values in each bin between ascending edges, the last bin closed, and last of those in no bin. Values
/// outside the range are in none.
fn count_between<T: Real>(values: &[T], range: &ValueRange, edges: &[f64]) -> Vec<u64> {
    let hi = edges[edges.len() - 1].min(range.max);
    if let Some(uniform) = UniformBins::<T>::of(edges, hi) {
        return uniform.count(
            values,
            #[inline(always)]
            |x| x,
        );
    }
    if values.len() <= FEW {
        return count_by_search(values, range, edges);
    }
    // Edges between the numbers of single precision.
    if let Some(uniform) = UniformBins::<f64>::of(edges, hi) {
        return uniform.count(
            values,
            #[inline(always)]
            |x: T| x.to_f64(),
        );
    }
    let joint = JointCounts::of(values, LogBuckets::of(range), edges);
    joint.map_or_else(|| count_by_search(values, range, edges), |counts| counts.bins)
}

/// The same by a binary search for each value.
pub(super) fn count_by_search<T: Real>(values: &[T], range: &ValueRange, edges: &[f64]) -> Vec<u64> {
    let last = edges.len() - 1;
    let (lo, hi) = (edges[0].max(range.min), edges[last].min(range.max));
    let mut counts = vec![0; last + 1];
    for x in values {
        let x = x.to_f64();
        let inside = x >= lo && x <= hi;
        counts[if inside { edges[1..last].partition_point(|&edge| edge <= x) } else { last }] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn uniform_bins_are_those_of_a_search(
            lo in -1e3..1e3_f32, width in prop_oneof![1e-6..1e-3_f32, 1e-3..1e3_f32], bins in 1..300_usize,
            shares in prop::collection::vec(-0.1..1.1_f32, 100),
        ) {
            let edges = binning::linear(lo, lo + width, bins);
            prop_assume!(binning::ascending(&edges));
            let neighbours = edges.iter().flat_map(|edge| [edge.next_down(), *edge, edge.next_up()]);
            let values: Vec<f32> = shares.iter().map(|share| lo + width * share).chain(neighbours).collect();
            let exact: Vec<f64> = edges.iter().map(|&edge| edge.into()).collect();
            let range = ValueRange::of(&values, f64::INFINITY);
            let searched = count_by_search(&values, &range, &exact);
            prop_assert_eq!(&count_between(&values, &range, &exact), &searched);
            let mut over = Histogram::over(&values, lo, lo + width, bins);
            over.counts.push(over.outside);
            prop_assert_eq!(over.counts, searched);
        }
    }
}
