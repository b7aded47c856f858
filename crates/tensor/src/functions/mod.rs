//! Single-precision functions that vectorise: branch-free, in fused multiply-adds.
//!
//! Inside `simd::dispatch` a loop over them runs eight lanes wide; elsewhere `mul_add` gives the same bits. Each
//! says how far it may be from the exact result, in units of the last place; `ulps.rs` measures it.

mod exp;
mod log;
mod normal;
mod tanh;
#[cfg(test)]
mod ulps;

pub(crate) use exp::{exp_f32, exp_m1_f32};
pub(crate) use log::{ln_1p_f32, ln_f32};
pub(crate) use normal::{erf_f32, normal_f32};
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
