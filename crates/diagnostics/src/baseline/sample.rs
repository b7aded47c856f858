//! What a statistic was over seeds.

use super::ComparisonScale;
use super::gather::SeedSeries;
use crate::format::significant;
use crate::stats::Summary;

/// Significant digits of means and spreads: their rounding, 5e-8, is far below [`ROUNDING`](super::ROUNDING).
const DIGITS: usize = 7;

/// Mean and spread of a statistic over seeds, and how often it had no place in them.
///
/// Kept to seven significant digits, so that a recorded sample is the one that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeedSample {
    /// Seeds whose values are in mean and spread.
    pub count: u64,
    /// Seeds with NaN or an infinity.
    pub not_finite: u64,
    /// Seeds with 0 or less, of a statistic that is compared by its logarithm.
    pub zeros: u64,
    /// `Σ x / n`, or the geometric mean `exp(Σ ln x / n)` at the logarithmic scale; NaN of nothing.
    pub mean: f64,
    /// The standard deviation of `x`, or of `ln x`, between seeds; NaN below two values.
    pub spread: f64,
}

impl SeedSample {
    pub(super) fn of(series: &SeedSeries) -> Self {
        let finite: Vec<f64> = series.values.iter().copied().filter(|x| x.is_finite()).collect();
        let scale = series.key.scale();
        let values: Vec<f64> = match scale {
            ComparisonScale::Linear => finite.clone(),
            ComparisonScale::Log => finite.iter().filter(|&&x| x > series.rounding).map(|x| x.ln()).collect(),
        };
        let (mean, spread) = moments(&values);
        Self {
            count: values.len() as u64,
            not_finite: (series.values.len() - finite.len()) as u64,
            zeros: (finite.len() - values.len()) as u64,
            mean: rounded(if scale == ComparisonScale::Log { mean.exp() } else { mean }),
            spread: rounded(spread),
        }
    }

    /// All seeds.
    pub fn seeds(&self) -> u64 {
        self.count + self.not_finite + self.zeros
    }
}

/// Mean and standard deviation, taken in units of the largest magnitude: squares of large values stay finite, and
/// equal values have no spread to the last bit.
fn moments(values: &[f64]) -> (f64, f64) {
    let largest = values.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let scaled: Vec<f64> = values.iter().map(|x| x / unit).collect();
    let summary = Summary::of(&scaled);
    let spread = summary.std() * unit;
    (summary.mean() * unit, if spread.is_infinite() { f64::MAX } else { spread })
}

/// The number that seven significant digits stand for.
pub(super) fn rounded(x: f64) -> f64 {
    significant(x, DIGITS).parse().unwrap_or(x)
}
