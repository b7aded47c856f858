//! Values of a tensor on this side of candle.

use candle_core::{DType, Result, Tensor};
use diagnostics::SiteValues;
use half::{bf16, f16};

/// Values in the type of their tensor.
pub(crate) enum Values {
    F16(Vec<u16>),
    Bf16(Vec<u16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Values {
    /// The values of a tensor, in row-major order. Types without a form of their own, such as integers, become `f32`.
    pub(crate) fn of(tensor: &Tensor) -> Result<Self> {
        let flat = tensor.flatten_all()?;
        Ok(match tensor.dtype() {
            DType::F16 => Self::F16(flat.to_vec1::<f16>()?.into_iter().map(f16::to_bits).collect()),
            DType::BF16 => Self::Bf16(flat.to_vec1::<bf16>()?.into_iter().map(bf16::to_bits).collect()),
            DType::F64 => Self::F64(flat.to_vec1()?),
            _ => Self::F32(flat.to_dtype(DType::F32)?.to_vec1()?),
        })
    }

    pub(crate) fn view(&self) -> SiteValues<'_> {
        match self {
            Self::F16(bits) => SiteValues::F16(bits),
            Self::Bf16(bits) => SiteValues::Bf16(bits),
            Self::F32(values) => SiteValues::F32(values),
            Self::F64(values) => SiteValues::F64(values),
        }
    }
}

/// The value of a loss.
pub(crate) fn scalar(tensor: &Tensor) -> Result<f64> {
    if tensor.elem_count() != 1 {
        return Err(crate::error(format!(
            "the loss must be one number, and is {:?}: take its mean",
            tensor.dims()
        )));
    }
    Ok(tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>()?[0])
}
