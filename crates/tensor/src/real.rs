//! The two number types.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::functions;
use crate::matmul::ProductScalar;

/// `f32` or `f64`, with the functions that activations and losses are made of.
///
/// Sealed: a third type would need kernels of its own. `f64` functions come from the libm crate, the
/// same bits on every platform; those of `f32` are our own but for [`powf`](Real::powf), vectorise, and keep the bounds
/// that are stated here, in units of the last place.
#[allow(private_bounds)]
pub trait Real:
    ProductScalar
    + Copy
    + Debug
    + Display
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + Sum
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 1.5·2²³ or 1.5·2⁵², whose last digit is 1: added and taken away again, it rounds what is below 2²² to the nearest
    /// whole number, even ones at ties.
    const ROUNDER: Self;
    /// The nearest value to `x`.
    fn of(x: f64) -> Self;
    /// The same value in double precision.
    fn to_f64(self) -> f64;
    /// `|x|`.
    fn abs(self) -> Self;
    /// The smallest number above `x`.
    fn next_up(self) -> Self;
    /// A whole number in `0..2²²` as an integer; any integer for other numbers. Not a cast: its check of the range
    /// keeps loops from becoming vector code.
    fn whole(self) -> u32;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `x` to a constant power; NaN below 0 unless the exponent is whole.
    fn powf(self, exponent: f64) -> Self;
    /// `eˣ`; `f32` within 1.1 ulp.
    fn exp(self) -> Self;
    /// `eˣ − 1`, accurate near 0; `f32` within 1.5 ulp.
    fn exp_m1(self) -> Self;
    /// `ln x`; `f32` within 1 ulp.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0; `f32` within 1 ulp.
    fn ln_1p(self) -> Self;
    /// `tanh x`; `f32` within 2.5 ulp, never beyond ±1.
    fn tanh(self) -> Self;
    /// `erf x = 2/√π ∫₀ˣ e^(−t²) dt`; `f32` within 6 ulp, never beyond ±1.
    fn erf(self) -> Self;
    /// `(Φ(x), φ(x))`, the normal law's distribution and density, both accurate in the tails; `f32` within 8 and 3 ulp.
    fn normal(self) -> (Self, Self);
}

/// The arms that differ only in the suffix of libm's function names.
macro_rules! real {
    ($type:ty, exp: $exp:path, tanh: $tanh:path, pow: $pow:path, $exp_m1:path, $ln:path, $ln_1p:path, $erf:path, $normal:path) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const ROUNDER: Self = 1.5 * (1_u64 << (<$type>::MANTISSA_DIGITS - 1)) as Self;
            #[inline(always)]
            fn of(x: f64) -> Self {
                x as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$type>::abs(self)
            }
            #[inline(always)]
            fn next_up(self) -> Self {
                <$type>::next_up(self)
            }
            #[inline(always)]
            fn whole(self) -> u32 {
                // The sum's last bits are x.
                (self + Self::ROUNDER).to_bits() as u32 & ((1 << 22) - 1)
            }
            #[inline(always)]
            fn powf(self, exponent: f64) -> Self {
                $pow(self, exponent as Self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$type>::sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                $exp_m1(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $ln(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                $ln_1p(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $erf(self)
            }
            #[inline(always)]
            fn normal(self) -> (Self, Self) {
                $normal(self)
            }
        }
    };
}

real!(f32, exp: functions::exp_f32, tanh: functions::tanh_f32, pow: libm::powf, functions::exp_m1_f32, functions::ln_f32, functions::ln_1p_f32, functions::erf_f32, functions::normal_f32);
real!(f64, exp: libm::exp, tanh: libm::tanh, pow: libm::pow, libm::expm1, libm::log, libm::log1p, libm::erf, normal_f64);

fn normal_f64(x: f64) -> (f64, f64) {
    let density = libm::exp(-0.5 * x * x) * 0.398_942_280_401_432_7;
    (0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2), density)
}
