//! The two types in which values are measured, and how the four types of files become them.

use crate::Dtype;

/// A type in which values are measured. Half precision is measured in single precision, which holds it exactly.
pub(super) trait MeasuredNumber: Copy + PartialOrd {
    /// The value in double precision.
    fn double(self) -> f64;

    /// The upper twelve bits of the value in single precision. What is beyond its range counts as its largest number.
    fn bin(self) -> usize;

    /// The number of bits that the fractions of these values take.
    fn fraction_bits(values: &[Self]) -> u32;
}

/// The bits of a fraction in front of the zeros at its end, of `all`.
fn used(zeros: u32, all: u32) -> u32 {
    all - zeros.min(all)
}

impl MeasuredNumber for f32 {
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn bin(self) -> usize {
        (self.to_bits() >> 20) as usize
    }

    #[inline(always)]
    fn fraction_bits(values: &[Self]) -> u32 {
        used(values.iter().fold(0, |bits, x| bits | x.to_bits()).trailing_zeros(), 23)
    }
}

impl MeasuredNumber for f64 {
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }

    #[inline(always)]
    fn bin(self) -> usize {
        let inside = self.clamp(f64::from(f32::MIN), f64::from(f32::MAX));
        (if self.is_finite() { inside } else { self } as f32).bin()
    }

    #[inline(always)]
    fn fraction_bits(values: &[Self]) -> u32 {
        used(values.iter().fold(0, |bits, x| bits | x.to_bits()).trailing_zeros(), 52)
    }
}

/// The values that little-endian bytes of a type hold, in place of what `values` held.
///
/// # Panics
/// If the type is not judged, or double precision.
pub(super) fn read_singles(dtype: &Dtype, bytes: &[u8], values: &mut Vec<f32>) {
    match dtype {
        Dtype::F32 => read(bytes, values, f32::from_le_bytes),
        Dtype::F16 => read(bytes, values, |two| f16_to_f32(u16::from_le_bytes(two))),
        Dtype::Bf16 => read(bytes, values, |two| bf16_to_f32(u16::from_le_bytes(two))),
        Dtype::F64 | Dtype::Other(_) => panic!("values of type {dtype} are not measured in single precision"),
    }
}

/// The values in double precision that little-endian bytes hold, in place of what `values` held.
pub(super) fn read_doubles(bytes: &[u8], values: &mut Vec<f64>) {
    read(bytes, values, f64::from_le_bytes);
}

#[inline(always)]
fn read<T: Copy + Default, const SIZE: usize>(
    bytes: &[u8],
    values: &mut Vec<T>,
    value: impl Fn([u8; SIZE]) -> T,
) {
    let bytes = bytes.as_chunks::<SIZE>().0;
    values.resize(bytes.len(), T::default());
    let values = &mut values[..];
    tensor::dispatch(
        #[inline(always)]
        move || {
            for (x, &bytes) in values.iter_mut().zip(bytes) {
                *x = value(bytes);
            }
        },
    );
}

/// The number that these bits are in brain floating point.
#[inline(always)]
fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The number that these bits are in IEEE half precision, without a branch.
///
/// Exponent and fraction are moved to their places in single precision; a product with a power of two then corrects the
/// bias of the exponent, and is exact for subnormal numbers too.
#[inline(always)]
fn f16_to_f32(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff);
    let sign = u32::from(bits & 0x8000) << 16;
    let scaled = (f32::from_bits(magnitude << 13) * f32::from_bits((127 + 112) << 23)).to_bits();
    let beyond = if magnitude >= 0x7c00 { 0x7f80_0000 } else { 0 };
    f32::from_bits(scaled | beyond | sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of half-precision bits by their definition: 1 bit of sign, 5 of exponent, 10 of fraction.
    fn defined(bits: u16) -> f32 {
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff) / 1024.0);
        sign * match exponent {
            0 => fraction * 2f32.powi(-14),
            31 if fraction == 0.0 => f32::INFINITY,
            31 => f32::NAN,
            _ => (1.0 + fraction) * 2f32.powi(exponent - 15),
        }
    }

    #[test]
    fn every_half_precision_number_is_converted() {
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        for bits in 0..=u16::MAX {
            assert!(same(f16_to_f32(bits), defined(bits)), "{bits:04x}");
        }
        assert!(!same(f16_to_f32(0x3c00), 1.5));
        assert_eq!(bf16_to_f32(0x3fc0), 1.5);
    }

    #[test]
    fn doubles_beyond_single_precision_are_in_the_last_finite_bins() {
        assert_eq!(1e300.bin(), f32::MAX.bin());
        assert_eq!((-1e300).bin(), f32::MIN.bin());
        assert_eq!(1e-300.bin(), 0);
    }
}
