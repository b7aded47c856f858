//! The reasons for which measurements cannot be checked.

use std::fmt;

/// The reason for which measurements cannot be checked, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScalingCheckError {
    /// There are fewer than three different sizes.
    TooFewSizes(Vec<usize>),
    /// A size is 0.
    NoSize,
    /// A quantity was measured twice at one step of one network.
    Twice(String),
    /// The number of values of a quantity is not the one at step 0.
    OtherLength {
        /// The quantity, its step and its network.
        what: String,
        /// The numbers of values at step 0 and now.
        lengths: [usize; 2],
    },
    /// A quantity was measured after a step but not before the first one, so its change is unknown.
    NoStart(String),
}

impl fmt::Display for ScalingCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSizes(sizes) => write!(
                f,
                "scaling check: an exponent takes at least 3 different sizes, and those measured are {sizes:?}"
            ),
            Self::NoSize => write!(f, "scaling check: a network has the size 0; sizes start at 1"),
            Self::Twice(what) => {
                write!(f, "scaling check: {what} was measured twice; give each quantity a name of its own")
            }
            Self::OtherLength { what, lengths: [first, now] } => write!(
                f,
                "scaling check: {what} has {now} values and had {first} at step 0; measure every step on the same batch"
            ),
            Self::NoStart(what) => {
                write!(
                    f,
                    "scaling check: {what} was not measured at step 0, so its change is unknown; start at step 0"
                )
            }
        }
    }
}

impl std::error::Error for ScalingCheckError {}
