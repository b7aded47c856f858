//! What a tensor, a layout or a scheme can be refused for.

use std::fmt;

/// Why a tensor cannot be filled, in one line with its shape.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InitError {
    /// The layout finds no input and output axis in the shape.
    NoFans {
        /// The shape.
        shape: Vec<usize>,
        /// What is wrong with it.
        why: String,
    },
    /// The scheme cannot fill this shape.
    Shape {
        /// The scheme, as text.
        scheme: String,
        /// The shape.
        shape: Vec<usize>,
        /// What the scheme needs.
        why: String,
    },
    /// The slice has another length than the shape.
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// The slice's length.
        len: usize,
    },
    /// A parameter of the scheme that no law has: a negative deviation, bounds in the wrong order.
    Parameter {
        /// The scheme, as text.
        scheme: String,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFans { shape, why } => write!(f, "shape {shape:?} has no fans: {why}"),
            Self::Shape { scheme, shape, why } => write!(f, "{scheme} cannot fill shape {shape:?}: {why}"),
            Self::Length { shape, len } => match values(shape) {
                Some(wanted) => write!(f, "shape {shape:?} holds {wanted} values, the slice {len}"),
                None => write!(f, "shape {shape:?} holds more values than memory, the slice {len}"),
            },
            Self::Parameter { scheme, why } => write!(f, "{scheme} is no law: {why}"),
        }
    }
}

impl std::error::Error for InitError {}

impl InitError {
    pub(crate) fn no_fans(shape: &[usize], why: impl Into<String>) -> Self {
        Self::NoFans { shape: shape.to_vec(), why: why.into() }
    }

    /// The slice of `len` places holds exactly the values of `shape`.
    pub(crate) fn check_length(shape: &[usize], len: usize) -> Result<(), Self> {
        if values(shape) == Some(len) {
            return Ok(());
        }
        Err(Self::Length { shape: shape.to_vec(), len })
    }
}

impl InitError {
    /// The shape holds no more values than a `usize` counts.
    pub(crate) fn check_shape(shape: &[usize]) -> Result<(), Self> {
        Self::check_length(shape, values(shape).unwrap_or(0))
    }
}

/// The number of values of a shape; `None` if a `usize` does not hold it.
fn values(shape: &[usize]) -> Option<usize> {
    // In this order a later 0 does not hide an overflow before it, so zeros are looked for first.
    if shape.contains(&0) { Some(0) } else { shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size)) }
}
