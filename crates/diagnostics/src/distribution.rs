//! One set of values, seen three ways.

use tensor::Real;

use crate::binning::Bins;
use crate::octaves::Octaves;
use crate::pieces;
use crate::quantiles::FEW;
use crate::{Binning, Histogram, Quantiles, Summary};

/// Moments, quantiles and a histogram of one set of values.
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
    /// Of a slice.
    ///
    /// # Panics
    /// As [`Histogram::with`].
    #[track_caller]
    pub fn of<T: Real>(values: &[T], binning: Binning) -> Self {
        Self::within(values, &Bins::of(binning))
    }

    /// The same over bins that others are counted over too.
    #[track_caller]
    pub(crate) fn within<T: Real>(values: &[T], bins: &Bins) -> Self {
        let summary = Summary::of(values);
        let extent = summary.extent();
        if values.len() > FEW && extent.most() < bins.limit() {
            let (edges, octaves) = (bins.edges::<T>(&extent), Octaves::of(&extent));
            if let Some((places, counts)) = pieces::count(values, octaves, &edges) {
                let quantiles = Quantiles::counted(octaves, &places, &extent);
                let histogram = Histogram::counted(bins.binning, edges, counts, values);
                return Self { summary, quantiles, histogram };
            }
        }
        Self { summary, quantiles: Quantiles::of(values), histogram: Histogram::within(values, bins) }
    }
}
