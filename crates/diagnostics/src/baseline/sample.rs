//! The values of a statistic over seeds, summarised.

use super::ComparisonScale;
use super::gather::SeedSeries;
use crate::format::significant;
use crate::stats::Summary;

/// The significant digits of means and spreads. Their rounding, 5e-8, is far below [`ROUNDING`](super::ROUNDING).
const DIGITS: usize = 7;

/// The mean and spread of a statistic over seeds, and the numbers of seeds that they leave out.
///
/// Both are kept to seven significant digits, so that a sample read from a file equals the measured one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeedSample {
    /// The number of seeds that enter the mean and the spread.
    pub count: u64,
    /// The number of seeds with NaN or an infinity.
    pub not_finite: u64,
    /// The number of seeds with 0 or less, for a statistic that is compared by its logarithm.
    pub zeros: u64,
    /// The mean `Σ x / n`, or the geometric mean `exp(Σ ln x / n)` at the logarithmic scale; NaN without values.
    pub mean: f64,
    /// The standard deviation of `x`, or of `ln x`, over seeds; NaN with fewer than two values.
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

    /// The number of all seeds.
    pub fn seeds(&self) -> u64 {
        self.count + self.not_finite + self.zeros
    }
}

/// The mean and the standard deviation, computed in units of the largest magnitude: squares of large values stay finite,
/// and equal values have a spread of exactly 0.
fn moments(values: &[f64]) -> (f64, f64) {
    let largest = values.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let scaled: Vec<f64> = values.iter().map(|x| x / unit).collect();
    let summary = Summary::of(&scaled);
    let spread = summary.std() * unit;
    (summary.mean() * unit, if spread.is_infinite() { f64::MAX } else { spread })
}

/// `x` rounded to seven significant digits.
pub(super) fn rounded(x: f64) -> f64 {
    significant(x, DIGITS).parse().unwrap_or(x)
}
