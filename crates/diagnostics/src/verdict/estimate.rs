//! A number with what is known of its error.

use std::fmt;

use crate::format::significant;
use crate::stats::Summary;

/// A measured number: its mean over seeds, and the standard error of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its standard error; `None` where it is not known, as at one seed.
    pub error: Option<f64>,
}

impl Estimate {
    /// Of one value a seed.
    pub fn over(values: &[f64]) -> Self {
        let summary = Summary::of(values);
        let error = (values.len() > 1).then(|| summary.std() / (values.len() as f64).sqrt());
        // A value that is not finite leaves no mean.
        let value = if summary.non_finite == 0 { summary.mean() } else { f64::NAN };
        Self { value, error }
    }

    /// How many standard errors it is away from `other`.
    pub fn errors_from(&self, other: f64) -> Option<f64> {
        self.error.filter(|&error| error > 0.0).map(|error| (self.value - other).abs() / error)
    }
}

/// `0.754`, with `± 0.011` where the error is known.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&significant(self.value, 3))?;
        match self.error {
            Some(error) => write!(f, " ± {}", significant(error, 2)),
            None => Ok(()),
        }
    }
}
