//! The reasons for which a text, a shape or a scheme is refused.

use std::fmt;

/// The reason why a tensor cannot be filled, in one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InitError {
    /// The layout finds no input and output axis in the shape.
    NoFans {
        /// The shape.
        shape: Vec<usize>,
        /// The reason.
        why: String,
    },
    /// The scheme cannot fill this shape.
    Shape {
        /// The scheme, as text.
        scheme: String,
        /// The shape.
        shape: Vec<usize>,
        /// The requirement that the shape does not meet.
        why: String,
    },
    /// The slice and the shape have different numbers of values.
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// The slice's length.
        len: usize,
    },
    /// A parameter of the scheme is out of range: a negative standard deviation, bounds in the wrong order.
    Parameter {
        /// The scheme, as text.
        scheme: String,
        /// The reason.
        why: String,
    },
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFans { shape, why } => write!(f, "shape {shape:?} has no fans: {why}"),
            Self::Shape { scheme, shape, why } => {
                write!(f, "scheme `{scheme}` cannot fill shape {shape:?}: {why}")
            }
            Self::Length { shape, len } => match values(shape) {
                Some(expected) => write!(f, "the slice has {len} values; shape {shape:?} has {expected}"),
                None => write!(f, "shape {shape:?} has more values than can be addressed"),
            },
            Self::Parameter { scheme, why } => write!(f, "invalid scheme `{scheme}`: {why}"),
        }
    }
}

impl std::error::Error for InitError {}

impl InitError {
    pub(crate) fn no_fans(shape: &[usize], why: impl Into<String>) -> Self {
        Self::NoFans { shape: shape.to_vec(), why: why.into() }
    }

    /// Refuses a slice of `len` values unless `shape` has as many.
    pub(crate) fn check_length(shape: &[usize], len: usize) -> Result<(), Self> {
        if values(shape) == Some(len) {
            return Ok(());
        }
        Err(Self::Length { shape: shape.to_vec(), len })
    }

    /// Refuses a shape with more values than a `usize` can count.
    pub(crate) fn check_shape(shape: &[usize]) -> Result<(), Self> {
        Self::check_length(shape, values(shape).unwrap_or(0))
    }
}

/// The number of values of a shape; `None` if a `usize` cannot hold it.
fn values(shape: &[usize]) -> Option<usize> {
    // Zeros are looked for first: a product would overflow before it reaches a later 0.
    if shape.contains(&0) { Some(0) } else { shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size)) }
}

/// The reason why a text is not a scheme, gain, fan mode, distribution or preset, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    what: &'static str,
    text: String,
    reason: String,
}

impl ParseError {
    /// `what` is the kind of value that `text` should have been.
    pub(crate) fn new(what: &'static str, text: &str, reason: impl Into<String>) -> Self {
        Self { what, text: text.trim().to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {} `{}`: {}", self.what, self.text.escape_debug(), self.reason)
    }
}

impl std::error::Error for ParseError {}

/// The element of `all` whose name is `text`.
pub(crate) fn named<T: Copy>(
    what: &'static str,
    text: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, ParseError> {
    let names = || all.iter().map(|&one| name(one)).collect::<Vec<_>>().join(", ");
    let found = all.iter().copied().find(|&one| name(one) == text);
    found.ok_or_else(|| ParseError::new(what, text, format!("expected one of {}", names())))
}
