//! Values of any floating-point type, measured block by block without a converted copy of all of them.

use tensor::Real;

use crate::stats::{Quantiles, Summary, ValueRange};

/// Borrowed values of one of four types. Half-precision numbers are given by their bits.
#[derive(Clone, Copy, Debug)]
pub enum SiteValues<'a> {
    /// IEEE half precision, as bits.
    F16(&'a [u16]),
    /// Brain floating point: the upper half of an `f32`, as bits.
    Bf16(&'a [u16]),
    /// Single precision.
    F32(&'a [f32]),
    /// Double precision.
    F64(&'a [f64]),
}

impl<'a> From<&'a [f32]> for SiteValues<'a> {
    fn from(values: &'a [f32]) -> Self {
        Self::F32(values)
    }
}

impl<'a> From<&'a [f64]> for SiteValues<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self::F64(values)
    }
}

impl SiteValues<'_> {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::F16(bits) | Self::Bf16(bits) => bits.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    /// True if there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the type in files.
    pub fn dtype(&self) -> &'static str {
        match self {
            Self::F16(_) => "f16",
            Self::Bf16(_) => "bf16",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
        }
    }

    /// The value at an index.
    #[inline]
    pub(super) fn get(&self, at: usize) -> f64 {
        match self {
            Self::F16(bits) => f64::from(f16_to_f32(bits[at])),
            Self::Bf16(bits) => f64::from(bf16_to_f32(bits[at])),
            Self::F32(values) => f64::from(values[at]),
            Self::F64(values) => values[at],
        }
    }

    /// Calls a function with consecutive blocks of at most `size` values and the index of their first.
    pub(super) fn blocks(&self, size: usize, mut each: impl FnMut(usize, Chunk<'_>)) {
        let size = size.max(1);
        let mut buffer = Vec::new();
        for (at, start) in (0..self.len()).step_by(size).enumerate() {
            let end = (start + size).min(self.len());
            let mut convert = |bits: &[u16], from: fn(u16) -> f32| {
                buffer.clear();
                buffer.extend(bits.iter().map(|&bits| from(bits)));
            };
            match self {
                Self::F32(values) => each(at, Chunk::F32(&values[start..end])),
                Self::F64(values) => each(at, Chunk::F64(&values[start..end])),
                Self::F16(bits) => {
                    convert(&bits[start..end], f16_to_f32);
                    each(at, Chunk::F32(&buffer));
                }
                Self::Bf16(bits) => {
                    convert(&bits[start..end], bf16_to_f32);
                    each(at, Chunk::F32(&buffer));
                }
            }
        }
    }

    /// FNV-1a over the values as doubles: equal values have equal hashes, and two other sets with a chance of 2⁻⁶⁴.
    pub fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325;
        self.blocks(1 << 12, |_, chunk| {
            hash = match chunk {
                Chunk::F32(values) => hash_on(hash, values),
                Chunk::F64(values) => hash_on(hash, values),
            };
        });
        hash
    }

    /// The moments of all values.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        self.blocks(BLOCK, |_, chunk| summary.merge(&chunk.summary()));
        summary
    }

    /// The quantiles of all values.
    pub fn quantiles(&self) -> Quantiles {
        self.quantiles_within(&self.summary().range())
    }

    /// The same of values whose range is known.
    pub(super) fn quantiles_within(&self, range: &ValueRange) -> Quantiles {
        let mut quantiles = Quantiles::default();
        let size = if matches!(self, Self::F32(_) | Self::F64(_)) { self.len() } else { BLOCK };
        self.blocks(size, |at, chunk| {
            let more = chunk.quantiles_within(range);
            if at == 0 {
                quantiles = more;
            } else {
                quantiles.merge(&more);
            }
        });
        quantiles
    }
}

/// Values of one of four types, for those who copy them out of a framework or a file. Half-precision numbers are kept by their bits.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedValues {
    /// IEEE half precision, as bits.
    F16(Vec<u16>),
    /// Brain floating point, as bits.
    Bf16(Vec<u16>),
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

impl OwnedValues {
    /// The same values, borrowed.
    pub fn borrowed(&self) -> SiteValues<'_> {
        match self {
            Self::F16(bits) => SiteValues::F16(bits),
            Self::Bf16(bits) => SiteValues::Bf16(bits),
            Self::F32(values) => SiteValues::F32(values),
            Self::F64(values) => SiteValues::F64(values),
        }
    }
}

/// The number of values that are converted at once.
const BLOCK: usize = 1 << 16;

/// Consecutive values in a type that statistics are computed of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
}

impl Chunk<'_> {
    fn summary(&self) -> Summary {
        match self {
            Self::F32(values) => Summary::of(values),
            Self::F64(values) => Summary::of(values),
        }
    }

    fn quantiles_within(&self, range: &ValueRange) -> Quantiles {
        match self {
            Self::F32(values) => Quantiles::within(values, range),
            Self::F64(values) => Quantiles::within(values, range),
        }
    }
}

fn hash_on<T: Real>(hash: u64, values: &[T]) -> u64 {
    values.iter().fold(hash, |hash, x| {
        (hash ^ x.to_f64().to_bits()).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
    })
}

/// The number that these bits are in brain floating point.
fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The number that these bits are in IEEE half precision: 1 bit of sign, 5 of exponent, 10 of fraction.
fn f16_to_f32(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2f32.powi(exponent - 15),
    }
}

#[cfg(all(test, feature = "half"))]
mod tests {
    use super::*;

    /// The half crate is the oracle, over all bits.
    #[test]
    fn every_half_precision_number_is_converted() {
        let same =
            |ours: f32, theirs: f32| ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan());
        for bits in 0..=u16::MAX {
            assert!(same(f16_to_f32(bits), half::f16::from_bits(bits).to_f32()), "f16 {bits:04x}");
            assert!(same(bf16_to_f32(bits), half::bf16::from_bits(bits).to_f32()), "bf16 {bits:04x}");
        }
        assert!(!same(f16_to_f32(0x3c00), 1.5));
    }
}
