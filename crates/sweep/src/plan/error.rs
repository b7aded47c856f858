//! The reason why a plan cannot be read.

use std::fmt;

/// The reason why a plan cannot be read, in one line that begins with the line and the column: `3:9: unknown key …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// The line and the column, in characters; both count from 1.
    pub position: (usize, usize),
    message: String,
}

impl PlanError {
    /// A mistake at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, message: String) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { position: (before.matches('\n').count() + 1, line.chars().count() + 1), message }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.position.0, self.position.1, self.message)
    }
}

impl std::error::Error for PlanError {}
