//! Where the values of a tensor are.

use crate::{Dtype, TensorInfo};

/// A tensor of a file and the place of its bytes there.
#[derive(Clone, Debug)]
pub(super) struct StoredTensor {
    pub(super) info: TensorInfo,
    pub(super) storage: Storage,
}

/// The bytes of a tensor in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// As they are, from this offset.
    Plain { offset: u64 },
    /// Deflated, after `skip` other bytes of the same stream.
    Deflated(DeflatedMember),
}

/// A compressed member of an archive that holds a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeflatedMember {
    pub(super) offset: u64,
    /// The number of compressed bytes.
    pub(super) compressed: u64,
    /// The number of bytes before the values, when decompressed.
    pub(super) skip: u64,
    /// The checksum of all decompressed bytes.
    pub(super) crc: u32,
}

/// The number of values of a shape, and of bytes if each takes `bits`; `None` if they are beyond what a machine can address.
pub(super) fn bytes_of(shape: &[usize], bits: usize) -> Option<u64> {
    // A product with a zero in it is 0, but the others must fit as well: whoever leaves out an axis multiplies them.
    let values = shape.iter().filter(|&&n| n > 0).try_fold(1_usize, |product, &n| product.checked_mul(n))?;
    let total = values.checked_mul(bits).filter(|&bits| bits <= isize::MAX as usize)?;
    if shape.contains(&0) {
        return Some(0);
    }
    total.is_multiple_of(8).then_some(total as u64 / 8)
}

/// A type by its name in a safetensors file, and the bits of a value if it is known.
pub(super) fn safetensors_type(name: &str) -> (Dtype, Option<usize>) {
    let other = |bits| (Dtype::Other(name.to_owned()), Some(bits));
    match name {
        "F64" => (Dtype::F64, Some(64)),
        "F32" => (Dtype::F32, Some(32)),
        "F16" => (Dtype::F16, Some(16)),
        "BF16" => (Dtype::Bf16, Some(16)),
        "F4" => other(4),
        "F6_E2M3" | "F6_E3M2" => other(6),
        "BOOL" | "U8" | "I8" => other(8),
        "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => other(8),
        "I16" | "U16" => other(16),
        "I32" | "U32" => other(32),
        "I64" | "U64" | "C64" => other(64),
        _ => (Dtype::Other(name.to_owned()), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_absurd_shapes_are_none() {
        assert_eq!(bytes_of(&[2, 3], 32), Some(24));
        assert_eq!(bytes_of(&[], 64), Some(8));
        assert_eq!(bytes_of(&[3, 0], 64), Some(0));
        assert_eq!(bytes_of(&[3], 4), None, "half a byte is left over");
        assert_eq!(bytes_of(&[usize::MAX, 2], 8), None);
        assert_eq!(bytes_of(&[1 << 40, 1 << 40, 0], 8), None);
        assert_eq!(bytes_of(&[usize::MAX / 8], 32), None);
    }
}
