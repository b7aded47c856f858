//! Single-precision functions that vectorise: they have no branches and use fused multiply-adds.
//!
//! A loop over them inside `simd::dispatch` computes 8 or 16 values at once; elsewhere `mul_add` gives the same bits.
//! `ulps.rs` measures their errors in units in the last place (ulp) and holds them to the bounds that
//! [`Real`](crate::Real) states.

mod exp;
mod log;
mod normal;
mod sine;
mod tanh;
#[cfg(test)]
mod ulps;

pub(crate) use exp::{exp_f32, exp_m1_f32};
pub(crate) use log::{ln_1p_f32, ln_f32};
pub(crate) use normal::{erf_f32, normal_f32};
pub(crate) use sine::{cos_f32, sin_f32};
pub(crate) use tanh::tanh_f32;

/// `c₀ + c₁·x + c₂·x² + …` by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for &c in coefficients[..N - 1].iter().rev() {
        sum = x.mul_add(sum, c);
    }
    sum
}
