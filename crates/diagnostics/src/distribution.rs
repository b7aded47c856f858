//! One set of values, seen three ways.

use tensor::Real;

use crate::{Binning, Histogram, Quantiles, Summary};

/// Moments, quantiles and a histogram of one set of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Counts and moments.
    pub summary: Summary,
    /// Quantiles, to a stated relative error.
    pub quantiles: Quantiles,
    /// Counts over bins.
    pub histogram: Histogram,
}

impl Distribution {
    /// Of a slice.
    ///
    /// # Panics
    /// As [`Histogram::with`].
    #[track_caller]
    pub fn of<T: Real>(values: &[T], binning: Binning) -> Self {
        let summary = Summary::of(values);
        let histogram = match binning {
            // The summary has seen the range already.
            Binning::Range(bins) => Histogram::between(values, summary.min, summary.max, bins),
            _ => Histogram::with(values, binning),
        };
        Self { summary, quantiles: Quantiles::of(values), histogram }
    }
}
