//! Mean and standard deviation.

use super::super::CheckKind;
use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::super::population::Population;
use super::{number, ratio};
use crate::TensorSummary;

/// Values that are tested together: their number, their mean, and their mean square about the expected mean.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Sample {
    pub(in super::super) count: f64,
    pub(in super::super) mean: f64,
    pub(in super::super) mean_square: f64,
}

impl Sample {
    fn std(self, about: f64) -> f64 {
        (self.mean_square - (self.mean - about).powi(2)).max(0.0).sqrt()
    }
}

/// The probabilities of a sample's mean and of its mean square, at most. Differences that rounding explains do not count.
pub(in super::super) fn probabilities(
    subject: &JudgedTensor,
    population: Population,
    sample: Sample,
) -> [f64; 2] {
    let Population { mean, std, .. } = population;
    // Rounding is symmetric about 0 only.
    let rounding = if mean == 0.0 { 0.0 } else { subject.precision.spacing(mean.abs() + std) / 2.0 };
    let deviation = shrunk(sample.mean - mean, rounding) / std;
    let square = sample.mean_square / (std * std);
    let tolerance = subject.precision.variance_error(std) + (rounding / std).powi(2);
    let square = 1.0 + shrunk(square - 1.0, tolerance);
    [population.p_of_mean(sample.count, deviation), population.p_of_mean_square(sample.count, square)]
}

/// A difference less what is allowed, but no other sign.
fn shrunk(difference: f64, allowed: f64) -> f64 {
    difference.signum() * (difference.abs() - allowed).max(0.0)
}

/// The mean and the standard deviation of the whole tensor, or of each part that has its own distribution.
pub(in super::super) fn moments(subject: &JudgedTensor) -> Vec<MadeTest> {
    if let Some(population) = subject.population {
        let mean_square = subject.mean_square(population.mean);
        let sample = Sample { count: subject.count(), mean: subject.mean(), mean_square };
        return tests(subject, population, sample, "");
    }
    if subject.zeros_found || !subject.expected.zero_rows.is_empty() {
        return vec![];
    }
    let parts = subject.expected.parts.iter().filter_map(|part| {
        let population = subject.population_of(part)?;
        let sample =
            sample_of(subject.summary, subject.expected.axis, part.start, part.size, population.mean)?;
        let place = format!(
            " of indices {} to {} of axis {}",
            part.start,
            part.start + part.size - 1,
            subject.expected.axis
        );
        Some(tests(subject, population, sample, &place))
    });
    parts.flatten().collect()
}

/// The values of some indices of the first axis or of the second; `None` if there are no sums of them.
fn sample_of(summary: &TensorSummary, axis: usize, start: usize, size: usize, about: f64) -> Option<Sample> {
    let sums: Vec<[f64; 2]> = match axis {
        0 => summary.rows.as_ref()?.iter().map(|row| [row.sum, row.squares]).collect(),
        1 => summary.columns.as_ref()?.iter().map(|column| [column.sum, column.squares]).collect(),
        _ => return None,
    };
    let lines = sums.len() / summary.shape[axis];
    let count = summary.count as f64 / summary.shape[axis] as f64 * size as f64;
    let chosen = sums.get(start * lines..(start + size) * lines)?;
    let [sum, squares] = chosen.iter().fold([0.0; 2], |[s, q], [sum, squares]| [s + sum, q + squares]);
    let mean_square = (squares - 2.0 * about * sum) / count + about * about;
    Some(Sample { count, mean: sum / count, mean_square })
}

fn tests(subject: &JudgedTensor, population: Population, sample: Sample, place: &str) -> Vec<MadeTest> {
    let [_, p_square] = probabilities(subject, population, sample);
    // Values of a larger scale than expected have a larger mean by chance: that is one fault, not two.
    let scale = sample.std(population.mean).max(population.std);
    let [p_mean, _] = probabilities(subject, population.rescaled(population.mean, scale), sample);
    let error = population.std / sample.count.sqrt();
    let mean = format!(
        "the mean{place} is {}; expected {} ± {}",
        number(sample.mean),
        number(population.mean),
        number(error)
    );
    let std = sample.std(population.mean);
    let factor = ratio(std / population.std);
    let std = format!("std{place} is {}; expected {} ({factor})", number(std), number(population.std));
    vec![
        MadeTest::new(CheckKind::WrongMean, p_mean, mean),
        // The mean square about the expected mean also grows where only the mean is wrong.
        MadeTest::new(
            CheckKind::WrongStd,
            if p_mean < 1e-6 { about_own_mean(population, sample) } else { p_square },
            std,
        ),
    ]
}

/// The test of the standard deviation about the measured mean.
fn about_own_mean(population: Population, sample: Sample) -> f64 {
    let square = (sample.std(population.mean) / population.std).powi(2);
    population.p_of_mean_square((sample.count - 1.0).max(1.0), square)
}
