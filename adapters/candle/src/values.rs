//! Values of a tensor on this side of candle.

use candle_core::{DType, Result, Tensor};
use diagnostics::OwnedValues;
use half::{bf16, f16};

/// The values of a tensor, in row-major order. Types without a form of their own, such as integers, become `f32`.
pub(crate) fn values_of(tensor: &Tensor) -> Result<OwnedValues> {
    let flat = tensor.flatten_all()?;
    Ok(match tensor.dtype() {
        DType::F16 => OwnedValues::F16(flat.to_vec1::<f16>()?.into_iter().map(f16::to_bits).collect()),
        DType::BF16 => OwnedValues::Bf16(flat.to_vec1::<bf16>()?.into_iter().map(bf16::to_bits).collect()),
        DType::F64 => OwnedValues::F64(flat.to_vec1()?),
        _ => OwnedValues::F32(flat.to_dtype(DType::F32)?.to_vec1()?),
    })
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
