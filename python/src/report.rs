//! Reports: recordings of one network with their verdicts, in every form.

use std::path::PathBuf;

use diagnostics::{RecordingReport, Style};
use pyo3::prelude::*;

use crate::config;
use crate::errors::{unlocked, value_error};
use crate::recording::Recording;

/// Recordings of one network, judged.
#[pyclass(module = "step_zero._native", frozen)]
pub(crate) struct Report(RecordingReport);

#[pymethods]
impl Report {
    /// Judges recordings of one network at several seeds or batches.
    #[new]
    #[pyo3(signature = (recordings, config=None))]
    fn new(py: Python<'_>, recordings: Vec<PyRef<'_, Recording>>, config: Option<PathBuf>) -> PyResult<Self> {
        let config = config::find(config.as_deref())?;
        let recordings = recordings.iter().map(|recording| recording.0.clone()).collect();
        let report = unlocked(py, || {
            let mut report = RecordingReport::of(recordings, &config.limits)?;
            report.judged = config.apply(std::mem::take(&mut report.judged.verdicts));
            Ok::<_, diagnostics::RecordingError>(report)
        })?;
        report.map(Self).map_err(value_error)
    }

    /// The program's text.
    #[pyo3(signature = (colour=false))]
    fn text(&self, py: Python<'_>, colour: bool) -> PyResult<String> {
        let style = if colour { Style::Ansi } else { Style::Plain };
        unlocked(py, || self.0.text(style))
    }

    /// Markdown.
    fn markdown(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.markdown())
    }

    /// The program's JSON.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.json())
    }

    /// The statistics as CSV.
    fn csv(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.csv())
    }

    /// One page of HTML.
    fn html(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, || self.0.page().html())
    }

    /// Each verdict as the text has it.
    fn verdict_texts(&self) -> Vec<String> {
        self.0.judged.verdicts.iter().map(ToString::to_string).collect()
    }

    /// True if there is an error or a warning.
    #[getter]
    fn has_findings(&self) -> bool {
        self.0.judged.has_findings()
    }
}
