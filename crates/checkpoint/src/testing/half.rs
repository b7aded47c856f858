//! Half precision for tests, by arithmetic in double precision, with the names of the half crate, which is the oracle where the
//! feature `half` is on. Without it the tests need one library less.
#![allow(
    non_camel_case_types,
    dead_code,
    reason = "the names are those of the half crate, and not every program uses all"
)]

/// IEEE half precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct f16(u16);

/// Brain floating point: the upper half of an `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct bf16(u16);

/// The exponent of the leading bit of a normal double.
fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

/// The nearest number with `fraction` bits behind the leading one and exponents from `least` on, ties to even; infinite from
/// `end` on.
fn rounded(x: f64, fraction: i32, least: i32, end: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let quantum = 2f64.powi(exponent(x).max(least) - fraction);
    let nearest = (x / quantum).round_ties_even() * quantum;
    if nearest.abs() >= end { nearest.signum() * f64::INFINITY } else { nearest }
}

impl f16 {
    pub(crate) fn from_f64(x: f64) -> Self {
        let sign = u16::from(x.is_sign_negative()) << 15;
        let magnitude = rounded(x, 10, -14, 65_536.0).abs();
        let bits = if magnitude.is_nan() {
            0x7e00
        } else if magnitude.is_infinite() {
            0x7c00
        } else if magnitude < 2f64.powi(-14) {
            (magnitude * 2f64.powi(24)) as u16
        } else {
            let exponent = exponent(magnitude);
            let fraction = (magnitude / 2f64.powi(exponent) - 1.0) * 1024.0;
            (((exponent + 15) as u16) << 10) | fraction as u16
        };
        Self(sign | bits)
    }

    pub(crate) fn from_f32(x: f32) -> Self {
        Self::from_f64(x.into())
    }

    pub(crate) fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub(crate) fn to_f64(self) -> f64 {
        let sign = if self.0 >> 15 == 0 { 1.0 } else { -1.0 };
        let (exponent, fraction) = (i32::from(self.0 >> 10 & 0x1f), f64::from(self.0 & 0x3ff) / 1024.0);
        sign * match exponent {
            0 => fraction * 2f64.powi(-14),
            0x1f if fraction == 0.0 => f64::INFINITY,
            0x1f => f64::NAN,
            _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
        }
    }

    pub(crate) fn to_f32(self) -> f32 {
        self.to_f64() as f32
    }

    pub(crate) fn to_bits(self) -> u16 {
        self.0
    }

    pub(crate) fn to_le_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}

impl From<f16> for f64 {
    fn from(x: f16) -> Self {
        x.to_f64()
    }
}

impl bf16 {
    pub(crate) fn from_f64(x: f64) -> Self {
        let nearest = rounded(x, 7, -126, 2f64.powi(128)) as f32;
        Self((nearest.to_bits() >> 16) as u16)
    }

    pub(crate) fn from_f32(x: f32) -> Self {
        Self::from_f64(x.into())
    }

    pub(crate) fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub(crate) fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    pub(crate) fn to_f64(self) -> f64 {
        self.to_f32().into()
    }

    pub(crate) fn to_bits(self) -> u16 {
        self.0
    }

    pub(crate) fn to_le_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}

#[cfg(all(test, feature = "half"))]
mod tests {
    use proptest::prelude::*;

    use super::{bf16, f16};

    #[test]
    fn every_number_has_the_value_that_the_half_crate_gives_it() {
        for bits in 0..=u16::MAX {
            let same = |ours: f64, theirs: f64| {
                ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan())
            };
            assert!(
                same(f16::from_bits(bits).to_f64(), ::half::f16::from_bits(bits).to_f64()),
                "f16 {bits:04x}"
            );
            assert!(
                same(bf16::from_bits(bits).to_f64(), ::half::bf16::from_bits(bits).to_f64()),
                "bf16 {bits:04x}"
            );
        }
    }

    proptest! {
        #[test]
        fn doubles_round_as_in_the_half_crate(x in prop_oneof![-1e5..1e5_f64, -1e-5..1e-5_f64, prop::num::f64::NORMAL]) {
            // The half crate ignores the lower 32 bits of a double, and so takes what is just above a tie for one.
            let x = f64::from_bits(x.to_bits() >> 32 << 32);
            prop_assert_eq!(f16::from_f64(x).to_bits(), ::half::f16::from_f64(x).to_bits());
            prop_assert_eq!(bf16::from_f64(x).to_bits(), ::half::bf16::from_f64(x).to_bits());
        }
    }

    #[test]
    fn what_is_above_a_tie_is_rounded_up() {
        let spacing = 2f64.powi(-24);
        for (x, wanted) in [(20.5, 20), (20.500_015, 21), (20.499_985, 20), (21.5, 22), (21.499_985, 21)] {
            assert_eq!(f16::from_f64(x * spacing).to_bits(), wanted, "{x}");
        }
    }
}
