//! A tensor of a file: its name, its type and its shape.

use std::fmt;

/// The type of a tensor's values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// Double precision.
    F64,
    /// Single precision.
    F32,
    /// IEEE half precision.
    F16,
    /// Brain floating point: the upper half of an `f32`.
    Bf16,
    /// A type that is not judged, by its name in the file: integers, booleans, 8-bit floating point.
    Other(String),
}

impl Dtype {
    /// True if values of this type are judged.
    pub fn is_judged(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// The number of bytes of a value; 0 for a type that is not judged.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other(_) => 0,
        }
    }

    /// The smallest positive number that is not subnormal; 0 for a type that is not judged.
    pub(crate) fn smallest_normal(&self) -> f64 {
        match self {
            Self::F64 => f64::MIN_POSITIVE,
            Self::F32 | Self::Bf16 => f64::from(f32::MIN_POSITIVE),
            Self::F16 => 6.103_515_625e-5,
            Self::Other(_) => 0.0,
        }
    }
}

/// `f32`, or the file's own name of a type that is not judged.
impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Other(name) => name,
        })
    }
}

/// A tensor of a file, without its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name in the file.
    pub name: String,
    /// The type of its values.
    pub dtype: Dtype,
    /// Its shape; empty for a scalar.
    pub shape: Vec<usize>,
}

impl TensorInfo {
    /// The number of values: 1 for a scalar. Readers check that it does not overflow.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// True if there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
