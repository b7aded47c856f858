//! The values of a tensor as a sample: without the zeros that were not drawn.

use crate::{BitHistogram, Dtype, HistogramBin, TensorSummary};

/// The numbers of a tensor's values that the fits need.
#[derive(Clone, Debug)]
pub(super) struct DrawnSample {
    /// The number of values, zeros left out that were not drawn.
    pub(super) count: f64,
    /// The fraction of all values that are such zeros.
    pub(super) zeros: f64,
    /// The number of these zeros.
    pub(super) left_out: f64,
    /// The rows of zeros.
    pub(super) zero_rows: Vec<usize>,
    pub(super) mean: f64,
    pub(super) std: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    /// The bins that are not empty, in order.
    pub(super) bins: Vec<HistogramBin>,
    /// The histogram of all values.
    pub(super) histogram: BitHistogram,
    pub(super) dtype: Dtype,
}

/// The fraction of zeros that rounding to half precision can explain: one on PyTorch's grid of a half-precision uniform.
const ROUNDED_ZEROS: f64 = 0.01;

/// PyTorch's normal numbers are exactly 0 once in 2²⁴, so a tensor has more zeros than these by chance once in 10⁹.
const CHANCE_ZEROS: u64 = 2;

impl DrawnSample {
    /// The sample of a tensor with finite values, or `None` if all of them are zeros.
    pub(super) fn of(summary: &TensorSummary) -> Option<Self> {
        let all = summary.finite() as f64;
        let zero_rows = zero_rows(summary);
        let fraction = summary.zeros as f64 / all;
        let is_half = matches!(summary.dtype, Dtype::F16 | Dtype::Bf16);
        let limit = if is_half { ROUNDED_ZEROS } else { 1e-5 };
        let were_not_drawn = fraction > limit && summary.zeros > CHANCE_ZEROS;
        let removed = if were_not_drawn || !zero_rows.is_empty() { summary.zeros } else { 0 };
        let n = (summary.finite() - removed) as f64;
        if n == 0.0 {
            return None;
        }
        let moments = &summary.moments;
        let mean = moments.mean * all / n;
        // Without removed zeros, the central moment has more digits than the raw one.
        let variance = match removed {
            0 => moments.variance(),
            _ => ((moments.squares + all * moments.mean.powi(2)) / n - mean * mean).max(0.0),
        };
        Some(Self {
            count: n,
            zeros: removed as f64 / all,
            left_out: removed as f64,
            zero_rows,
            mean,
            std: variance.sqrt(),
            min: summary.min,
            max: summary.max,
            bins: bins_without(summary, removed),
            histogram: summary.histogram.clone(),
            dtype: summary.dtype.clone(),
        })
    }

    /// The largest distance of a value from a mean.
    pub(super) fn reach(&self, mean: f64) -> f64 {
        (self.max - mean).max(mean - self.min)
    }

    /// The most that rounding to the type can have moved a value of this magnitude, relative to it.
    pub(super) fn rounding(&self) -> f64 {
        match self.dtype {
            Dtype::F16 => 2f64.powi(-11),
            Dtype::Bf16 => 2f64.powi(-8),
            _ => 2f64.powi(-24),
        }
    }
}

/// The rows that hold nothing but zeros.
fn zero_rows(summary: &TensorSummary) -> Vec<usize> {
    let rows = summary.rows.iter().flatten().enumerate();
    rows.filter(|(_, row)| row.squares == 0.0 && row.sum == 0.0).map(|(at, _)| at).collect()
}

/// The bins, with so many zeros taken out of those that begin at 0.
fn bins_without(summary: &TensorSummary, mut zeros: u64) -> Vec<HistogramBin> {
    let mut bins: Vec<HistogramBin> = summary.histogram.bins(&summary.dtype).collect();
    for bin in bins.iter_mut().filter(|bin| bin.lower == 0.0 || bin.upper == 0.0) {
        let taken = zeros.min(bin.count);
        bin.count -= taken;
        zeros -= taken;
    }
    bins.retain(|bin| bin.count > 0);
    bins
}
