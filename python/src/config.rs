//! `step-zero.toml` for Python: limits, levels and what is allowed.

use std::path::Path;

use pyo3::PyResult;
use step_zero::config::Config;

use crate::errors::value_error;

/// The configuration of a file, or of `step-zero.toml` in the working directory, or the default one without either.
pub(crate) fn find(path: Option<&Path>) -> PyResult<Config> {
    Config::find(path).map_err(value_error)
}
