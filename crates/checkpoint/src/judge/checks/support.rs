//! The ends of the support: values beyond them, and values piled on them.

use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::super::{CheckKind, chernoff};
use super::number;

/// Values beyond the bounds of the distribution.
pub(in super::super) fn out_of_bounds(subject: &JudgedTensor) -> Option<MadeTest> {
    let population = subject.population?;
    let (min, max) = (subject.summary.min, subject.summary.max);
    let [lo, hi] = population.bounds();
    let beyond = |distance: f64, bound: f64| distance > subject.precision.spacing(bound);
    if !(beyond(lo - min, lo) || beyond(max - hi, hi)) {
        return None;
    }
    // The whole distribution at another scale is one fault, of which the standard deviation tells.
    let relative = (max - min) / subject.std() / ((hi - lo) / population.std);
    if relative < 1.02 && subject.std() > 1.02 * population.std {
        return None;
    }
    let message = format!(
        "values range from {} to {}; the {} distribution ends at {} and {}",
        number(min),
        number(max),
        population.name(),
        number(lo),
        number(hi)
    );
    Some(MadeTest::certain(CheckKind::OutOfBounds, message))
}

/// Many values that are exactly the smallest one or the largest one.
///
/// Of the values that are at most the largest, each equals it with the probability of its rounding interval, independently; so
/// its copies are at most binomial. Zeros are counted by themselves.
pub(in super::super) fn piled(subject: &JudgedTensor) -> Vec<MadeTest> {
    let Some(population) = subject.population else { return vec![] };
    let summary = subject.summary;
    let [lo, hi] = population.bounds();
    let test = |value: f64, copies: u64, above: bool| {
        let spacing = subject.precision.spacing(value);
        // Uniform numbers may be drawn on a coarser grid than the type's.
        let grid = if hi.is_finite() { (hi - lo) * subject.precision.grid() } else { 0.0 };
        let half = spacing.max(grid);
        let inside = match above {
            true => population.between(f64::NEG_INFINITY, value + half),
            false => population.between(value - half, f64::INFINITY),
        };
        let own = population.between(value - half, value + half) / inside.max(f64::MIN_POSITIVE);
        let p = chernoff::at_least(
            copies as f64 - 1.0,
            subject.count(),
            own.clamp(subject.precision.coincidence(), 1.0),
        );
        let end = if above { "largest" } else { "smallest" };
        let message = format!(
            "{copies} values equal the {end} one, {}: they look clipped, not drawn again",
            number(value)
        );
        (copies > 1 && value != 0.0).then(|| MadeTest::new(CheckKind::PiledOnBound, p, message))
    };
    [test(summary.min, summary.at_min, false), test(summary.max, summary.at_max, true)]
        .into_iter()
        .flatten()
        .collect()
}
