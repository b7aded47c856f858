//! The number types of tensors.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::activation::ActivationScalar;
use crate::functions;
use crate::matmul::ProductScalar;
use crate::simd::Vectorised;

/// A number type of tensors, with the functions that activations and losses are made of: `f32`, `f64`, and
/// [`Dual`](crate::Dual) numbers of either.
///
/// The trait is sealed, because every number type needs matrix products and compiled loops of its own. Functions of `f64`
/// come from the libm crate and have the same bits on every platform. Functions of `f32` are this crate's own, except
/// [`powf`](Real::powf), which is libm's; they vectorise, and their errors stay within the bounds stated below, in
/// units in the last place (ulp).
#[expect(private_bounds, reason = "the private bound seals it")]
pub trait Real:
    ProductScalar
    + ActivationScalar
    + Vectorised
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
    /// 1.5·2²³ in single precision and 1.5·2⁵² in double, whose last bit counts 1. Adding it and subtracting it again
    /// rounds a number below 2²² to the nearest integer, ties to even.
    const ROUNDER: Self;
    /// The nearest value to `x`.
    fn of(x: f64) -> Self;
    /// The same value in double precision.
    fn to_f64(self) -> f64;
    /// `|x|`.
    fn abs(self) -> Self;
    /// `x·weight`, but 0 where the weight is 0, even if x is not finite: for a weight that decays faster than x grows.
    /// Dual numbers apply the product rule, each of whose terms is such a product.
    fn damped(self, weight: Self) -> Self;
    /// This value, of two that are equal: a dual number mixes both derivatives, `(1 − share)·ẋ + share·ẏ`.
    fn tied(self, other: Self, share: f64) -> Self;
    /// The smallest number above `x`.
    fn next_up(self) -> Self;
    /// The value of an integer in `0..2²²`; any other number gives an arbitrary integer. It is not a cast, because
    /// the range check of a cast keeps a loop scalar.
    fn whole(self) -> u32;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `x` to a constant power; NaN below 0 unless the exponent is an integer.
    fn powf(self, exponent: f64) -> Self;
    /// `eˣ`; `f32` within 1.1 ulp.
    fn exp(self) -> Self;
    /// `eˣ − 1`, accurate near 0; `f32` within 1.5 ulp.
    fn exp_m1(self) -> Self;
    /// `ln x`; `f32` within 1 ulp.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0; `f32` within 1 ulp.
    fn ln_1p(self) -> Self;
    /// `sin x`; NaN at ±∞; `f32` within 0.501 ulp.
    fn sin(self) -> Self;
    /// `cos x`; NaN at ±∞; `f32` within 0.501 ulp.
    fn cos(self) -> Self;
    /// `tanh x`; `f32` within 2.5 ulp, never outside ±1.
    fn tanh(self) -> Self;
    /// `erf x = 2/√π ∫₀ˣ e^(−t²) dt`; `f32` within 6 ulp, never outside ±1.
    fn erf(self) -> Self;
    /// `(Φ(x), φ(x))`, the standard normal distribution function and density, both accurate in the tails; `f32`
    /// within 8 and 3 ulp.
    fn normal(self) -> (Self, Self);
}

/// `Real` for a floating-point type and its functions.
macro_rules! real {
    ($type:ty, exp: $exp:path, sin: $sin:path, cos: $cos:path, tanh: $tanh:path, pow: $pow:path, $exp_m1:path, $ln:path, $ln_1p:path, $erf:path, $normal:path) => {
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
            fn damped(self, weight: Self) -> Self {
                if weight == 0.0 { 0.0 } else { self * weight }
            }
            #[inline(always)]
            fn tied(self, _: Self, _: f64) -> Self {
                self
            }
            #[inline(always)]
            fn next_up(self) -> Self {
                <$type>::next_up(self)
            }
            #[inline(always)]
            fn whole(self) -> u32 {
                // The last bits of the sum are x.
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
            fn sin(self) -> Self {
                $sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $cos(self)
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

real!(f32, exp: functions::exp_f32, sin: functions::sin_f32, cos: functions::cos_f32, tanh: functions::tanh_f32, pow: libm::powf, functions::exp_m1_f32, functions::ln_f32, functions::ln_1p_f32, functions::erf_f32, functions::normal_f32);
real!(f64, exp: libm::exp, sin: libm::sin, cos: libm::cos, tanh: libm::tanh, pow: libm::pow, libm::expm1, libm::log, libm::log1p, libm::erf, normal_f64);

fn normal_f64(x: f64) -> (f64, f64) {
    let density = libm::exp(-0.5 * x * x) * 0.398_942_280_401_432_7;
    (0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2), density)
}
