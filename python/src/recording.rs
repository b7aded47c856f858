//! Recordings: made from a manifest and measurements, or read from a file.

use std::borrow::Cow;
use std::path::PathBuf;

use diagnostics::Recording as MeasuredRecording;
use pyo3::prelude::*;

use crate::errors::{unlocked, value_error};
use crate::measured::{Parameter, Site};

/// One pass of a network, measured.
#[pyclass(module = "step_zero._native", frozen)]
pub(crate) struct Recording(pub(crate) MeasuredRecording);

#[pymethods]
impl Recording {
    /// Puts a recording together from its manifest, in JSON, and the measurements in the manifest's order.
    #[new]
    fn new(
        manifest: &str,
        sites: Vec<PyRef<'_, Site>>,
        parameters: Vec<PyRef<'_, Parameter>>,
    ) -> PyResult<Self> {
        let sites = sites.iter().map(|site| site.0.statistics).collect();
        let parameters = parameters.iter().map(|parameter| parameter.0.statistics).collect();
        MeasuredRecording::from_manifest(manifest, sites, parameters).map(Self).map_err(value_error)
    }

    /// Reads a file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        unlocked(py, || MeasuredRecording::read(&path))?.map(Self).map_err(value_error)
    }

    /// The bytes of a file with the statistics.
    fn bytes(&self, py: Python<'_>) -> PyResult<Cow<'static, [u8]>> {
        unlocked(py, || self.0.condensed().into())
    }

    /// The statistics that baselines compare: location, name, value, true for the logarithmic scale, rounding.
    fn statistics(&self) -> Vec<(String, String, f64, bool, f64)> {
        let all = self.0.statistics().into_iter();
        let is_log = |scale| scale == diagnostics::baseline::ComparisonScale::Log;
        all.map(|s| (s.location, s.name, s.value, is_log(s.scale), s.rounding)).collect()
    }

    /// The first difference between the networks of two recordings; `None` if they are one network.
    fn network_difference(&self, other: &Self) -> Option<String> {
        self.0.network_difference(&other.0)
    }
}
