//! Exponents in width and depth, judged.

use diagnostics::scaling::{
    ScaledQuantity, ScalingAspect, ScalingCheck, ScalingExpectations, ScalingMeasurement,
    ScalingMeasurements, ScalingRole, ScalingRow,
};
use pyo3::prelude::*;

use crate::errors::{unlocked, value_error};

/// A measurement as Python has it: size, seed, step, role, name, true for a change, root mean square.
type MeasurementTuple = (usize, u64, usize, String, String, bool, f64);

/// A row as Python has it: quantity, step, exponent, both ends of its interval, the expected range as text, outcome.
type RowTuple = (String, usize, Option<f64>, Option<(f64, f64)>, String, String);

fn measurement(
    (size, seed, step, role, name, change, rms): MeasurementTuple,
) -> PyResult<ScalingMeasurement> {
    let role = match role.as_str() {
        "input" => ScalingRole::Input,
        "hidden" => ScalingRole::Hidden,
        "logits" => ScalingRole::Logits,
        "other" => ScalingRole::Other,
        _ => return Err(value_error(format!("role '{role}': choose input, hidden, logits or other"))),
    };
    let aspect = if change { ScalingAspect::Change } else { ScalingAspect::Size };
    Ok(ScalingMeasurement { size, seed, step, quantity: ScaledQuantity { role, name, aspect }, rms })
}

fn row(row: &ScalingRow) -> RowTuple {
    let exponent = row.exponent.as_ref();
    let interval = exponent.filter(|exponent| exponent.half_width.is_finite());
    (
        row.quantity.to_string(),
        row.step,
        exponent.map(|exponent| exponent.value),
        interval.map(|exponent| (exponent.low(), exponent.high())),
        row.expected.as_ref().map_or_else(String::new, ToString::to_string),
        row.outcome.to_string().to_lowercase(),
    )
}

/// Judges measurements by the table of that name, with that margin if there is one: whether they passed, the text, and the rows.
#[pyfunction]
pub(crate) fn check_scaling(
    py: Python<'_>,
    measurements: Vec<MeasurementTuple>,
    expect: &str,
    margin: Option<f64>,
) -> PyResult<(bool, String, Vec<RowTuple>)> {
    let expected = ScalingExpectations::named(expect).ok_or_else(|| {
        value_error(format!("expect '{expect}': choose one of {}", ScalingExpectations::NAMES.join(", ")))
    })?;
    let expected = margin.map_or(expected.clone(), |margin| expected.with_margin(margin));
    let mut all = ScalingMeasurements::default();
    for tuple in measurements {
        all.push(measurement(tuple)?).map_err(value_error)?;
    }
    let check: ScalingCheck = unlocked(py, || all.check(&expected))?.map_err(value_error)?;
    Ok((check.passed(), check.to_string(), check.rows.iter().map(row).collect()))
}
