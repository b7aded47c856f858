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
        Self {
            summary: Summary::of(values),
            quantiles: Quantiles::of(values),
            histogram: Histogram::with(values, binning),
        }
    }
}
