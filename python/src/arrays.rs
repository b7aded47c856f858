//! NumPy's arrays as values, without a copy.

use diagnostics::SiteValues;
use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::errors::value_error;

/// A borrowed array of one of the types that are measured. Half precision is handed over as `uint16`, by its bits.
pub(crate) enum ArrayValues<'py> {
    F32(PyReadonlyArrayDyn<'py, f32>),
    F64(PyReadonlyArrayDyn<'py, f64>),
    F16(PyReadonlyArrayDyn<'py, u16>),
    Bf16(PyReadonlyArrayDyn<'py, u16>),
}

impl<'py> ArrayValues<'py> {
    /// `dtype` is `f32`, `f64`, `f16` or `bf16`.
    pub(crate) fn of(array: &Bound<'py, PyAny>, dtype: &str) -> PyResult<Self> {
        let wrong = |wanted: &str| {
            let found =
                array.getattr("dtype").map_or_else(|_| array.get_type().to_string(), |t| t.to_string());
            PyTypeError::new_err(format!(
                "values of type {dtype} must be a NumPy array of {wanted}, not {found}"
            ))
        };
        Ok(match dtype {
            "f32" => Self::F32(array.extract().map_err(|_| wrong("float32"))?),
            "f64" => Self::F64(array.extract().map_err(|_| wrong("float64"))?),
            "f16" => Self::F16(array.extract().map_err(|_| wrong("uint16"))?),
            "bf16" => Self::Bf16(array.extract().map_err(|_| wrong("uint16"))?),
            other => {
                return Err(value_error(format!("unknown type `{other}`: it must be f32, f64, f16 or bf16")));
            }
        })
    }

    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::F32(array) => array.len(),
            Self::F64(array) => array.len(),
            Self::F16(array) | Self::Bf16(array) => array.len(),
        }
    }

    /// The values in row-major order.
    ///
    /// # Errors
    /// If the array is not contiguous.
    pub(crate) fn borrowed(&self) -> PyResult<SiteValues<'_>> {
        let error = |_| value_error("the array is not contiguous: hand over numpy.ascontiguousarray of it");
        Ok(match self {
            Self::F32(array) => SiteValues::F32(array.as_slice().map_err(error)?),
            Self::F64(array) => SiteValues::F64(array.as_slice().map_err(error)?),
            Self::F16(array) => SiteValues::F16(array.as_slice().map_err(error)?),
            Self::Bf16(array) => SiteValues::Bf16(array.as_slice().map_err(error)?),
        })
    }
}
