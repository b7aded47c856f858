//! A tensor's numbers in the memory of the host, in the tensor's own precision.

use burn_core::tensor::{DType, Tensor};
use diagnostics::SiteValues;

/// The numbers of a tensor, row-major. Half-precision numbers are kept as bits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    F16(Vec<u16>),
    Bf16(Vec<u16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Values {
    /// `None` for a type that is not floating point, such as that of a quantized weight.
    pub(crate) fn of<const D: usize>(tensor: &Tensor<D>) -> Option<Self> {
        let bytes = |tensor: &Tensor<D>| tensor.clone().into_data().as_bytes().to_vec();
        let halves = |bytes: Vec<u8>| numbers(&bytes, u16::from_ne_bytes);
        Some(match tensor.dtype() {
            DType::F16 => Self::F16(halves(bytes(tensor))),
            DType::BF16 => Self::Bf16(halves(bytes(tensor))),
            DType::F32 | DType::Flex32 => Self::F32(tensor.clone().try_into_vec_as().ok()?),
            DType::F64 => Self::F64(tensor.clone().try_into_vec_as().ok()?),
            _ => return None,
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

    pub(crate) fn len(&self) -> usize {
        self.view().len()
    }

    /// A hash of the numbers in their order, whatever the shape: a tensor keeps it when it is cloned or reshaped.
    pub(crate) fn content(&self) -> u64 {
        let hash = |bits: &mut dyn Iterator<Item = u64>| {
            bits.fold(0xcbf2_9ce4_8422_2325, |hash: u64, bits| {
                (hash ^ bits).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
            })
        };
        match self {
            Self::F16(values) | Self::Bf16(values) => hash(&mut values.iter().map(|&bits| u64::from(bits))),
            Self::F32(values) => hash(&mut values.iter().map(|value| u64::from(value.to_bits()))),
            Self::F64(values) => hash(&mut values.iter().map(|value| value.to_bits())),
        }
    }
}

fn numbers<const N: usize, T>(bytes: &[u8], from: fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| from(chunk)).collect()
}
