//! A number and its standard error.

use std::fmt;

use crate::format::significant;
use crate::stats::Summary;

/// A measured number: its mean over seeds, and the standard error of that mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its standard error; `None` if it is unknown, as with one seed.
    pub error: Option<f64>,
}

impl Estimate {
    /// The estimate from one value per seed; NaN if one of them is not finite.
    pub fn over(values: &[f64]) -> Self {
        let summary = Summary::of(values);
        let error = (values.len() > 1).then(|| summary.std() / (values.len() as f64).sqrt());
        let value = if summary.non_finite == 0 { summary.mean() } else { f64::NAN };
        Self { value, error }
    }

    /// The distance from `other` in standard errors; `None` if the error is unknown or 0.
    pub fn errors_from(&self, other: f64) -> Option<f64> {
        self.error.filter(|&error| error > 0.0).map(|error| (self.value - other).abs() / error)
    }
}

/// `0.754`, followed by `± 0.011` if the error is known.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&significant(self.value, 3))?;
        match self.error {
            Some(error) => write!(f, " ± {}", significant(error, 2)),
            None => Ok(()),
        }
    }
}

impl From<f64> for Estimate {
    /// A number whose error is unknown.
    fn from(value: f64) -> Self {
        Self { value, error: None }
    }
}
