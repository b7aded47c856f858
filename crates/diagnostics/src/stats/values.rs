//! Moments, quantiles and a histogram of one set of values.

use tensor::Real;

use super::histogram::{Binning, Histogram, JointCounts, PreparedBinning};
use super::merge::MergeError;
use super::moments::Summary;
use super::moments::ValueRange;
use super::quantiles::{FEW, LogBuckets, Quantiles};

/// Moments, quantiles and a histogram of one set of values.
///
/// ```
/// use diagnostics::{Binning, ValueStatistics};
///
/// let values = ValueStatistics::of(&[-1.0_f32, 0.5, 0.25, 1.0], Binning::Range(4));
/// assert_eq!((values.summary.mean(), values.quantiles.quantile(1.0)), (0.1875, 1.0));
/// assert_eq!(values.histogram.counts, [1, 0, 1, 2]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ValueStatistics {
    /// Counts and moments.
    pub summary: Summary,
    /// Quantiles, to a stated relative error.
    pub quantiles: Quantiles,
    /// Counts over bins.
    pub histogram: Histogram,
}

impl ValueStatistics {
    /// The statistics of a slice.
    ///
    /// # Panics
    /// As [`Histogram::with`].
    #[track_caller]
    pub fn of<T: Real>(values: &[T], binning: Binning) -> Self {
        Self::with_bins(values, &PreparedBinning::of(binning))
    }

    /// The same with a binning that several sets of values share.
    #[track_caller]
    pub(crate) fn with_bins<T: Real>(values: &[T], bins: &PreparedBinning) -> Self {
        let summary = Summary::of(values);
        let range = summary.range();
        if range.largest_magnitude() >= bins.limit() {
            let within = ValueRange::of(values, bins.limit());
            let histogram = Histogram::within(values, bins, &within);
            return Self { summary, quantiles: Quantiles::within(values, &range), histogram };
        }
        if values.len() > FEW {
            let (edges, buckets) = (bins.edges::<T>(&range), LogBuckets::of(&range));
            if let Some(counts) = JointCounts::of(values, buckets, &edges) {
                let quantiles = Quantiles::from_counts(buckets, &counts.buckets, &range);
                let histogram = Histogram::from_counts(bins.binning, edges, counts.bins, values);
                return Self { summary, quantiles, histogram };
            }
        }
        let histogram = Histogram::within(values, bins, &range);
        Self { summary, quantiles: Quantiles::within(values, &range), histogram }
    }

    /// Adds the values of another set.
    ///
    /// # Errors
    /// If the histograms have different edges; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        self.histogram.merge(&other.histogram)?;
        self.summary.merge(&other.summary);
        self.quantiles.merge(&other.quantiles);
        Ok(())
    }
}
