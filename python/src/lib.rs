//! The extension module `step_zero._native`: measuring, judging, rules and random numbers for the Python package.
//!
//! Functions take NumPy arrays and text, release the interpreter's lock while they compute, and raise exceptions with the
//! one-line texts of the crates. What is convenient in Python is written in Python.

mod arrays;
mod baseline;
mod check;
mod config;
mod errors;
mod measured;
mod recording;
mod report;
mod scaling;
mod scheme;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::baseline::{check_baseline, measure_baseline};
    #[pymodule_export]
    use crate::check::{Check, check, shipped_rules};
    #[pymodule_export]
    use crate::measured::{Parameter, Site, measure_parameter, measure_site};
    #[pymodule_export]
    use crate::recording::Recording;
    #[pymodule_export]
    use crate::report::Report;
    #[pymodule_export]
    use crate::scaling::check_scaling;
    #[pymodule_export]
    use crate::scheme::{Scheme, TorchGenerator};
}
