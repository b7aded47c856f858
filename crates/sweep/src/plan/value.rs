//! Values of settings.

use std::fmt;

/// The value of a setting in a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanValue {
    /// A whole number.
    Whole(u64),
    /// A finite number.
    Number(f64),
    /// A text, such as the name of an activation.
    Text(String),
}

/// The kinds of values that settings take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// [`PlanValue::Whole`].
    Whole,
    /// [`PlanValue::Number`].
    Number,
    /// [`PlanValue::Text`].
    Text,
}

impl PlanValue {
    /// The kind of this value.
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Whole(_) => ValueKind::Whole,
            Self::Number(_) => ValueKind::Number,
            Self::Text(_) => ValueKind::Text,
        }
    }
}

/// The shortest text that is read back as the same value; seeds and the hashes of plans are made from it.
impl fmt::Display for PlanValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            // With a point or an exponent.
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(value) => value.fmt(f),
        }
    }
}
