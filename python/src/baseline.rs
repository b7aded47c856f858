//! Baselines: statistics of many seeds, and what has moved since.

use std::ops::Range;

use diagnostics::baseline::{Baseline, BaselineError, FEWEST_SEEDS, Statistic};
use pyo3::prelude::*;

use crate::errors::{unlocked, value_error};

/// A statistic as Python has it: location, name, value, true for the logarithmic scale, rounding.
type StatisticTuple = (String, String, f64, bool, f64);

/// A comparison as Python has it: whether it passed, its table, the seeds of the baseline, and the statistics that it lacks.
type ComparisonTuple = (bool, String, (u64, u64), Vec<String>);

fn statistic((location, name, value, log, rounding): StatisticTuple) -> Statistic {
    let of = if log { Statistic::log } else { Statistic::linear };
    of(location, name, value).rounding(rounding)
}

fn all(measured: Vec<Vec<StatisticTuple>>) -> Vec<Vec<Statistic>> {
    measured.into_iter().map(|seed| seed.into_iter().map(statistic).collect()).collect()
}

/// The seeds from `first` on, one for each measurement.
fn seeds(first: u64, measured: &[Vec<StatisticTuple>]) -> PyResult<Range<u64>> {
    let count = measured.len() as u64;
    if count < FEWEST_SEEDS {
        return Err(value_error(format!("{count} seeds: there must be at least {FEWEST_SEEDS}")));
    }
    let end =
        first.checked_add(count).ok_or_else(|| value_error(format!("the seeds from {first} on overflow")))?;
    Ok(first..end)
}

/// The text of the baseline of measurements at the seeds from `first` on.
#[pyfunction]
pub(crate) fn measure_baseline(
    py: Python<'_>,
    first: u64,
    measured: Vec<Vec<StatisticTuple>>,
) -> PyResult<String> {
    let seeds = seeds(first, &measured)?;
    let mut measured = all(measured).into_iter();
    let baseline = unlocked(py, || Baseline::measure(seeds, |_| measured.next().unwrap_or_default()))?;
    Ok(baseline.map_err(value_error)?.to_json())
}

/// Compares measurements at other seeds with a baseline: whether it passed, the table of what moved, the seeds of the baseline, and
/// the statistics that it does not have.
#[pyfunction]
pub(crate) fn check_baseline(
    py: Python<'_>,
    text: &str,
    first: u64,
    measured: Vec<Vec<StatisticTuple>>,
    alpha: f64,
) -> PyResult<ComparisonTuple> {
    if !(0.0 < alpha && alpha < 1.0) {
        return Err(value_error(format!("alpha is {alpha}; it must be between 0 and 1")));
    }
    let seeds = seeds(first, &measured)?;
    let baseline = Baseline::from_json(text).map_err(value_error)?;
    let recorded = baseline.seeds();
    if seeds.start < recorded.end && recorded.start < seeds.end {
        return Err(value_error(format!("the seeds {seeds:?} overlap the recorded seeds {recorded:?}")));
    }
    let mut measured = all(measured).into_iter();
    let checked = unlocked(py, || baseline.check(seeds, alpha, |_| measured.next().unwrap_or_default()))?;
    let comparison = checked.map_err(|error: BaselineError| value_error(error))?;
    Ok((
        comparison.passed(),
        comparison.to_string(),
        (recorded.start, recorded.end),
        comparison.unrecorded.clone(),
    ))
}
