//! The two number types.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::functions;
use crate::matmul::Product;

/// `f32` or `f64`, with the functions that activations and losses are made of.
///
/// Sealed: a third type would need kernels of its own. `f64` functions come from the libm crate, the
/// same bits on every platform; `f32` has vectorised [`exp`](Real::exp) and [`tanh`](Real::tanh).
#[allow(private_bounds)]
pub trait Real:
    Product
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
    /// The nearest value to `x`.
    fn of(x: f64) -> Self;
    /// The same value in double precision.
    fn to_f64(self) -> f64;
    /// `|x|`.
    fn abs(self) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `x` to a constant power; NaN below 0 unless the exponent is whole.
    fn powf(self, exponent: f64) -> Self;
    /// `eˣ`; `f32` within 1 ulp.
    fn exp(self) -> Self;
    /// `eˣ − 1`, accurate near 0.
    fn exp_m1(self) -> Self;
    /// `ln x`.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0.
    fn ln_1p(self) -> Self;
    /// `tanh x`; `f32` within 2 ulp, never beyond ±1.
    fn tanh(self) -> Self;
    /// `erf x = 2/√π ∫₀ˣ e^(−t²) dt`.
    fn erf(self) -> Self;
}

/// The arms that differ only in the suffix of libm's function names.
macro_rules! real {
    ($type:ty, exp: $exp:path, tanh: $tanh:path, pow: $pow:path, $exp_m1:path, $ln:path, $ln_1p:path, $erf:path) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
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
        }
    };
}

real!(f32, exp: functions::exp_f32, tanh: functions::tanh_f32, pow: libm::powf, libm::expm1f, libm::logf, libm::log1pf, libm::erff);
real!(f64, exp: libm::exp, tanh: libm::tanh, pow: libm::pow, libm::expm1, libm::log, libm::log1p, libm::erf);
