//! Rows and columns of independent values are as large as each other, up to chance.

use super::chi_squared;
use super::fit::FamilyFit;
use super::sample::DrawnSample;
use crate::TensorSummary;

/// Sums of one row or column.
#[derive(Clone, Copy)]
struct LineSums {
    sum: f64,
    squares: f64,
}

/// Shorter lines have sums of squares too far from normal.
const SHORTEST: f64 = 8.0;

/// The probability that independent values give rows and columns whose sums and sums of squares differ as much, or as little,
/// from line to line; 1 where this cannot be said.
pub(super) fn p_value(summary: &TensorSummary, sample: &DrawnSample, fit: &FamilyFit) -> f64 {
    let rows = summary.rows.iter().flatten();
    let rows: Vec<LineSums> = rows.map(|row| LineSums { sum: row.sum, squares: row.squares }).collect();
    let columns = summary.columns.iter().flatten();
    let columns: Vec<LineSums> =
        columns.map(|column| LineSums { sum: column.sum, squares: column.squares }).collect();
    let height = rows.len() - sample.zero_rows.len().min(rows.len());
    let width = columns.len();
    // Zeros that are no whole rows lie by rules of their own.
    let elsewhere = sample.zeros * summary.finite() as f64 - (sample.zero_rows.len() * width) as f64;
    if rows.is_empty() || width == 0 || elsewhere > 0.5 {
        return 1.0;
    }
    let drawn = rows.iter().filter(|row| row.squares > 0.0).copied();
    let tests = [p_of(drawn, width as f64, fit), p_of(columns.into_iter(), height as f64, fit)];
    (tests[0].min(tests[1]) * 4.0).min(1.0)
}

/// The smaller p-value of the sums of squares and of the sums of lines of `length` values.
fn p_of(lines: impl Iterator<Item = LineSums>, length: f64, fit: &FamilyFit) -> f64 {
    let (mean, variance) = (fit.mean, fit.std() * fit.std());
    let lines: Vec<LineSums> = lines
        .map(|LineSums { sum, squares }| LineSums {
            sum: sum - length * mean,
            squares: squares - 2.0 * mean * sum + length * mean * mean,
        })
        .collect();
    let count = lines.len() as f64;
    if length < SHORTEST || count < 2.0 {
        return 1.0;
    }
    let excess = fit.family.kurtosis() - 1.0;
    let average = lines.iter().map(|line| line.squares).sum::<f64>() / count;
    let spread = |line: &LineSums| (line.squares - average).powi(2) / (length * excess * variance * variance);
    let squares = scaled(lines.iter().map(spread).sum(), count - 1.0, 12.0 / length);
    let sums = lines.iter().map(|line| line.sum * line.sum / (length * variance)).sum();
    // The mean of a bounded number of values is nearly normal; its fourth moment is what differs.
    squares.min(scaled(sums, count, (excess - 2.0) / length))
}

/// The two-sided p-value of a sum of squares of `dof` variables with variance 1 and an excess kurtosis, by a χ² distribution
/// with the same mean and variance.
fn scaled(x: f64, dof: f64, excess: f64) -> f64 {
    let stretch = (2.0 + excess.max(-1.0)) / 2.0;
    let tail = chi_squared::upper_tail(x / stretch, dof / stretch);
    2.0 * tail.min(1.0 - tail)
}
