//! The shape of the distribution: kurtosis and goodness of fit.

use super::super::CheckKind;
use super::super::bins::ExpectedBins;
use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::super::population::Population;
use super::moments::{Sample, probabilities};
use super::number;

/// Two tests of the shape. If mean or standard deviation are wrong, the expected shape with the measured ones.
pub(in super::super) fn distribution(subject: &JudgedTensor) -> Vec<MadeTest> {
    let Some(population) = subject.population else { return vec![] };
    let [kurtosis, fit] = shape_probabilities(subject, adjusted(subject, population));
    let measured = subject.summary.moments.kurtosis();
    let extremes = format!("[{}, {}]", number(subject.summary.min), number(subject.summary.max));
    let message = |test: &str| {
        format!(
            "the values are not {} ({test}): kurtosis {measured:.2}, expected {:.2}; range {extremes}",
            population.name(),
            population.kurtosis
        )
    };
    vec![
        MadeTest::new(CheckKind::WrongDistribution, kurtosis, message("kurtosis")),
        MadeTest::new(CheckKind::WrongDistribution, fit, message("goodness of fit")),
    ]
}

/// The probabilities of kurtosis and histogram, at most.
pub(in super::super) fn shape_probabilities(subject: &JudgedTensor, population: Population) -> [f64; 2] {
    let summary = subject.summary;
    let bins = ExpectedBins::new(population, &summary.histogram, &subject.dtype, subject.left_out);
    [bins.p_of_kurtosis(), bins.p_of_shape()]
}

/// The distribution with the measured moments where those are wrong, and with bounds that hold all values.
fn adjusted(subject: &JudgedTensor, population: Population) -> Population {
    let mean_square = subject.mean_square(population.mean);
    let sample = Sample { count: subject.count(), mean: subject.mean(), mean_square };
    let [p_mean, p_square] = probabilities(subject, population, sample);
    if p_mean.min(p_square) > 1e-6 {
        return population;
    }
    population.rescaled(subject.mean(), subject.std()).widened(subject.summary.min, subject.summary.max)
}
