//! Sites and parameters, measured while a network runs.

use diagnostics::{
    Activation, AxisName, ParameterView, RecordedParameter, Site as MeasuredSite, SiteAxes, SiteKind,
    SiteView,
};
use pyo3::prelude::*;

use crate::arrays::ArrayValues;
use crate::errors::{unlocked, value_error};

/// The statistics of one site.
#[pyclass(module = "step_zero._native")]
pub(crate) struct Site(pub(crate) MeasuredSite);

/// The statistics of one parameter.
#[pyclass(module = "step_zero._native")]
pub(crate) struct Parameter(pub(crate) RecordedParameter);

/// Measures the values of a site. `axes` names each axis of the shape: `example`, `unit` or `position`.
#[pyfunction]
#[pyo3(signature = (values, dtype, shape, axes, kind, function=None))]
pub(crate) fn measure_site(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    dtype: &str,
    shape: Vec<usize>,
    axes: Vec<String>,
    kind: &str,
    function: Option<&str>,
) -> PyResult<Site> {
    let array = ArrayValues::of(values, dtype)?;
    check_count(array.len(), &shape)?;
    let names: Result<Vec<AxisName>, String> = axes.iter().map(|name| name.parse()).collect();
    let axes = names.and_then(|names| SiteAxes::of(&shape, &names)).map_err(value_error)?;
    let kind: SiteKind = kind.parse().map_err(value_error)?;
    // A function that is not known is an unknown function.
    let function: Option<Activation> = function.and_then(|text| text.parse().ok());
    let values = array.borrowed()?;
    let site = unlocked(py, || {
        let mut view = SiteView::new("", kind, values, axes);
        view.function = function;
        view.measure()
    })?;
    Ok(Site(site))
}

/// Measures the values of a parameter, whose outputs lie along an axis, in blocks that were drawn on their own.
#[pyfunction]
#[pyo3(signature = (values, dtype, shape, output_axis=0, blocks=1))]
pub(crate) fn measure_parameter(
    py: Python<'_>,
    values: &Bound<'_, PyAny>,
    dtype: &str,
    shape: Vec<usize>,
    output_axis: usize,
    blocks: usize,
) -> PyResult<Parameter> {
    let array = ArrayValues::of(values, dtype)?;
    check_count(array.len(), &shape)?;
    let values = array.borrowed()?;
    let parameter = unlocked(py, || {
        let mut view = ParameterView::new("", values, &shape);
        (view.output_axis, view.blocks) = (output_axis, blocks.max(1));
        view.measure()
    })?;
    Ok(Parameter(parameter))
}

fn check_count(count: usize, shape: &[usize]) -> PyResult<()> {
    let wanted = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
    if wanted == Some(count) {
        Ok(())
    } else {
        Err(value_error(format!("{count} values for the shape {shape:?}")))
    }
}

#[pymethods]
impl Site {
    /// A site whose values are not known.
    #[staticmethod]
    fn unknown() -> Self {
        let mut site =
            SiteView::new("", SiteKind::Other, &[][..] as &[f32], SiteAxes::rows(0, 0, 0)).measure();
        site.statistics = diagnostics::SiteStatistics::UNKNOWN;
        Self(site)
    }

    /// Measures the gradient of the loss at the site's values.
    fn add_gradient(&mut self, py: Python<'_>, values: &Bound<'_, PyAny>, dtype: &str) -> PyResult<()> {
        let array = ArrayValues::of(values, dtype)?;
        let values = array.borrowed()?;
        unlocked(py, || self.0.add_gradient(values))
    }

    /// The statistics by name; those that were not measured are NaN.
    fn statistics(&self) -> Vec<(&'static str, f64)> {
        diagnostics::SiteStatistics::FIELDS.iter().copied().zip(self.0.statistics.row()).collect()
    }
}

#[pymethods]
impl Parameter {
    /// Measures the gradient of the loss by the parameter.
    fn add_gradient(&mut self, py: Python<'_>, values: &Bound<'_, PyAny>, dtype: &str) -> PyResult<()> {
        let array = ArrayValues::of(values, dtype)?;
        let values = array.borrowed()?;
        unlocked(py, || self.0.add_gradient(values))
    }

    /// The hash of the values, as a manifest has it.
    #[getter]
    fn hash(&self) -> Option<String> {
        self.0.hash.map(|hash| format!("{hash:016x}"))
    }

    /// The statistics by name; those that were not measured are NaN.
    fn statistics(&self) -> Vec<(&'static str, f64)> {
        diagnostics::ParameterStatistics::FIELDS.iter().copied().zip(self.0.statistics.row()).collect()
    }
}
