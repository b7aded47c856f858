//! A tensor's numbers in the memory of the host, in the tensor's own precision.

use burn_core::tensor::{DType, Tensor};
use diagnostics::OwnedValues;

/// The numbers of a tensor, row-major; `None` for a type that is not floating point, such as that of a quantized weight.
pub(crate) fn values_of<const D: usize>(tensor: &Tensor<D>) -> Option<OwnedValues> {
    let bits = |tensor: &Tensor<D>| {
        let data = tensor.clone().into_data();
        data.as_bytes().as_chunks::<2>().0.iter().map(|&bytes| u16::from_ne_bytes(bytes)).collect()
    };
    Some(match tensor.dtype() {
        DType::F16 => OwnedValues::F16(bits(tensor)),
        DType::BF16 => OwnedValues::Bf16(bits(tensor)),
        DType::F32 | DType::Flex32 => OwnedValues::F32(tensor.clone().try_into_vec_as().ok()?),
        DType::F64 => OwnedValues::F64(tensor.clone().try_into_vec_as().ok()?),
        _ => return None,
    })
}
