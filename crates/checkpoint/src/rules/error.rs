//! The reason why rules cannot be read or applied.

use std::fmt;

/// The reason why rules cannot be read or applied, in one line.
///
/// A mistake in a file begins with its line and column: `3:9: unknown key …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError {
    position: Option<(usize, usize)>,
    message: String,
}

impl RulesError {
    /// A mistake at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let position = Some((before.matches('\n').count() + 1, line.chars().count() + 1));
        Self { position, message: message.into() }
    }

    /// A mistake outside of the text: in a setting, a configuration, or the names of a model.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { position: None, message: message.into() }
    }

    /// The line and the column, in characters; both count from 1.
    pub fn position(&self) -> Option<(usize, usize)> {
        self.position
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for RulesError {}
