//! What a baseline or a measurement can be refused for.

use std::fmt;

/// Why nothing could be compared, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineError {
    /// The text is no baseline: bad JSON, a wrong type, numbers that contradict each other.
    Damaged(String),
    /// The text was written by a later version of this crate.
    Format(u64),
    /// The measurement gives no statistics, one of them twice, or others at another seed.
    Measurement(String),
    /// The baseline has other statistics than were measured.
    Other {
        /// Recorded, but not measured any more.
        gone: Vec<String>,
        /// Measured, but not recorded.
        new: Vec<String>,
    },
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) => write!(f, "the baseline is damaged: {why}"),
            Self::Format(format) => {
                write!(f, "the baseline has format {format}, this version reads {}", super::json::FORMAT)
            }
            Self::Measurement(why) => write!(f, "the measurement cannot be compared: {why}"),
            Self::Other { gone, new } => {
                let lists = [("recorded but not measured", gone), ("measured but not recorded", new)];
                let lists = lists.iter().filter(|(_, names)| !names.is_empty());
                let lists: Vec<_> =
                    lists.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect();
                write!(f, "other statistics than in the baseline; {}", lists.join("; "))
            }
        }
    }
}

impl std::error::Error for BaselineError {}
