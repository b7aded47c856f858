//! Tensors in memory held to rules.

use checkpoint::{
    CheckReport, Dtype, FALSE_ALARMS, NameRules, RuleSettings, ShippedRules, TensorInfo, suggestion,
};
use diagnostics::Style;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::errors::{unlocked, value_error};

/// Tensors beside what their rules expect.
#[pyclass(module = "step_zero._native", frozen)]
pub(crate) struct Check(CheckReport);

/// A tensor as Python hands it over: its name, its type, its shape, and the bytes of its values.
type TensorTuple<'py> = (String, String, Vec<usize>, PyReadonlyArray1<'py, u8>);

/// Holds tensors to rules: the text of a rules file.
#[pyfunction]
#[pyo3(signature = (name, tensors, rules, constants, config=None, false_alarms=FALSE_ALARMS))]
pub(crate) fn check(
    py: Python<'_>,
    name: &str,
    tensors: Vec<TensorTuple<'_>>,
    rules: &str,
    constants: Vec<(String, f64)>,
    config: Option<&str>,
    false_alarms: f64,
) -> PyResult<Check> {
    if !(0.0 < false_alarms && false_alarms < 1.0) {
        return Err(value_error(format!("false_alarms is {false_alarms}; it must be between 0 and 1")));
    }
    let rules = NameRules::parse(rules).map_err(value_error)?;
    let mut handed = vec![];
    for (name, dtype, shape, bytes) in &tensors {
        let info = TensorInfo { name: name.clone(), dtype: dtype_of(dtype), shape: shape.clone() };
        let bytes =
            bytes.as_slice().map_err(|_| value_error(format!("{name}: its bytes are not contiguous")))?;
        handed.push((info, bytes));
    }
    let constants: Vec<(&str, f64)> = constants.iter().map(|(name, value)| (&**name, *value)).collect();
    let settings = RuleSettings { set: &constants, config };
    let report = unlocked(py, || CheckReport::in_memory(name, &handed, &rules, &settings, false_alarms))?;
    report.map(Check).map_err(value_error)
}

fn dtype_of(name: &str) -> Dtype {
    match name {
        "f64" => Dtype::F64,
        "f32" => Dtype::F32,
        "f16" => Dtype::F16,
        "bf16" => Dtype::Bf16,
        other => Dtype::Other(other.to_owned()),
    }
}

/// The text of rules that come with the package, by name.
#[pyfunction]
pub(crate) fn shipped_rules(name: &str) -> PyResult<&'static str> {
    ShippedRules::named(name).map(|shipped| shipped.text()).ok_or_else(|| {
        let names = || ShippedRules::ALL.iter().map(|shipped| shipped.name());
        let (near, all) = (suggestion(name, names()), names().collect::<Vec<_>>().join(", "));
        value_error(format!("there are no rules `{name}`{near}; there are {all}"))
    })
}

#[pymethods]
impl Check {
    /// True if nothing was found.
    #[getter]
    fn is_clean(&self) -> bool {
        self.0.is_clean()
    }

    /// The program's text.
    #[pyo3(signature = (colour=false))]
    fn text(&self, py: Python<'_>, colour: bool) -> PyResult<String> {
        let style = if colour { Style::Ansi } else { Style::Plain };
        unlocked(py, || self.0.text(style))
    }

    /// The program's JSON.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.json())
    }

    /// One page of HTML.
    fn html(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.page().html())
    }
}
