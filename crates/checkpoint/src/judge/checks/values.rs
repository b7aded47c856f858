//! Single values that no draw has: NaN, ∞, memory that nothing was written to, outliers.

use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::super::{CheckKind, chernoff};
use super::number;
use crate::TensorSummary;

/// Larger numbers than this are no weights, whatever was expected.
const HUGE: f64 = 1e30;
/// Nor are numbers of so many standard deviations.
const HUGE_SIGMAS: f64 = 1e6;

/// NaN and infinite values.
pub(in super::super) fn not_finite(summary: &TensorSummary) -> Option<MadeTest> {
    let infinite = summary.positive_infinite + summary.negative_infinite;
    let part = |count: u64, name: &str| (count > 0).then(|| format!("{count} values are {name}"));
    let parts: Vec<_> =
        [part(summary.nan, "NaN"), part(infinite, "infinite")].into_iter().flatten().collect();
    let message = || format!("{} (of {})", parts.join(", "), summary.count);
    (!parts.is_empty()).then(|| MadeTest::certain(CheckKind::NotFinite, message()))
}

/// Numbers that only memory without an initialisation holds: huge ones, and subnormal ones.
pub(in super::super) fn uninitialised(
    summary: &TensorSummary,
    subject: Option<&JudgedTensor>,
) -> Option<MadeTest> {
    let largest = summary.min.abs().max(summary.max.abs());
    let population = subject.and_then(|subject| subject.population);
    let limit = population.map_or(HUGE, |p| HUGE.min(p.mean.abs() + HUGE_SIGMAS * p.std));
    if largest > limit {
        let message = format!(
            "the largest magnitude is {largest:.3e}: it looks like memory that was never initialised"
        );
        return Some(MadeTest::certain(CheckKind::Uninitialised, message));
    }
    let population = population.filter(|_| summary.subnormals > 0)?;
    let smallest = summary.dtype.smallest_normal();
    let p = chernoff::at_least(
        summary.subnormals as f64,
        summary.finite() as f64,
        population.between(-smallest, smallest),
    );
    let message = format!(
        "{} of {} values are subnormal, closer to 0 than {smallest:.1e}: it looks like memory that was never initialised",
        summary.subnormals, summary.count
    );
    Some(MadeTest::new(CheckKind::Uninitialised, p, message))
}

/// A value farther out than so many values of an unbounded distribution reach.
pub(in super::super) fn outlier(subject: &JudgedTensor) -> Option<MadeTest> {
    let population = subject.population.filter(|p| p.bounds()[1].is_infinite())?;
    // Relative to the measured scale, so that a wrong one is not found twice, but without the value itself.
    let far = farthest(subject);
    let others = (subject.std().powi(2) - far * far / subject.count()).max(0.0).sqrt();
    let z = far / others.max(population.std);
    let above = subject.summary.max - subject.mean() >= far;
    let value = if above { subject.summary.max } else { subject.summary.min };
    let tail = population.between(f64::NEG_INFINITY, population.mean - z * population.std);
    let message = format!("the value {} is {z:.1} standard deviations from the mean", number(value));
    Some(MadeTest::new(CheckKind::Outlier, (2.0 * tail * subject.count()).min(1.0), message))
}

/// The largest distance of a value from the mean.
pub(super) fn farthest(subject: &JudgedTensor) -> f64 {
    let mean = subject.mean();
    (subject.summary.max - mean).max(mean - subject.summary.min)
}
