//! The reasons for which a measurement cannot be compared with a baseline.

use std::fmt;

/// The reason for which a measurement cannot be compared with a baseline, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaselineError {
    /// The text is not a baseline: invalid JSON, a wrong type, or numbers that contradict each other.
    Damaged(String),
    /// The text was written by a later version of this crate.
    Format(u64),
    /// The measurement has no statistics, one of them twice, or different ones at different seeds.
    Measurement(String),
    /// Statistics of the baseline were not measured.
    Missing {
        /// The statistics that are recorded but not measured.
        missing: Vec<String>,
        /// The statistics that are measured but not recorded: one of them may be a missing one under another name.
        unrecorded: Vec<String>,
    },
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) => write!(f, "the baseline is damaged: {why}"),
            Self::Format(format) => {
                write!(
                    f,
                    "the baseline has format {format}; this version reads format {}",
                    super::json::FORMAT
                )
            }
            Self::Measurement(why) => write!(f, "the measurement cannot be compared: {why}"),
            Self::Missing { missing, unrecorded } => {
                write!(f, "recorded in the baseline but not measured: {}", missing.join(", "))?;
                match unrecorded.as_slice() {
                    [] => Ok(()),
                    names => write!(f, "; measured but not recorded: {}", names.join(", ")),
                }
            }
        }
    }
}

impl std::error::Error for BaselineError {}
