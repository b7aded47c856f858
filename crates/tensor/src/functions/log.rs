//! `ln x` and `ln(1 + x)`, by the reduction and the polynomial of FreeBSD's `e_logf.c` and `s_log1pf.c` (Sun
//! Microsystems), without their branches.

use super::polynomial;

/// ln 2 in two parts; products of the first with small integers are exact.
const LN2_HIGH: f32 = 6.931_381e-1;
const LN2_LOW: f32 = 9.058_001e-6;
/// The bits of 1 and of √½; a mantissa is taken between √½ and √2.
const ONE: u32 = 0x3f80_0000;
const SQRT_HALF: u32 = 0x3f35_04f3;

/// The `(m, k)` with `u = m·2ᵏ` and m in √½..√2, for a normal u > 0.
#[inline(always)]
fn split(u: f32) -> (f32, f32) {
    let above = u.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = (above >> 23) as i32 - 127;
    (f32::from_bits((above & 0x007f_ffff).wrapping_add(SQRT_HALF)), k as f32)
}

/// `ln(1 + f) + k·ln 2 + c` for f in √½ − 1..√2 − 1 and a small c.
#[inline(always)]
fn assembled(f: f32, k: f32, c: f32) -> f32 {
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * polynomial(z, [6.666_666e-1, 4.000_097_2e-1, 2.849_878_7e-1, 2.427_907_9e-1]);
    let half_square = 0.5 * f * f;
    s * (half_square + r) + (k * LN2_LOW + c) - half_square + f + k * LN2_HIGH
}

/// `ln x`; −∞ at 0, NaN below 0.
#[inline(always)]
pub(crate) fn ln_f32(x: f32) -> f32 {
    // A subnormal number is made normal first.
    let small = x < f32::MIN_POSITIVE;
    let (m, k) = split(if small { x * 33_554_432.0 } else { x });
    let y = assembled(m - 1.0, if small { k - 25.0 } else { k }, 0.0);
    edges(x, x, y)
}

/// `ln(1 + x)`, accurate near 0; it preserves the sign of zero, and is −∞ at −1 and NaN below.
#[inline(always)]
pub(crate) fn ln_1p_f32(x: f32) -> f32 {
    let u = 1.0 + x;
    let (m, k) = split(u);
    // The rounding error of 1 + x, divided by u. If k is 0, f is x itself, without an error.
    let lost = if k > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) } / u;
    let whole = k == 0.0;
    let y = assembled(if whole { x } else { m - 1.0 }, k, if whole { 0.0 } else { lost });
    edges(x, u, if x == 0.0 { x } else { y })
}

/// `ln u` from its value `y` for a positive finite u: the special values at 0, below 0, at infinity and at NaN.
#[inline(always)]
fn edges(x: f32, u: f32, y: f32) -> f32 {
    let y = if u == 0.0 { f32::NEG_INFINITY } else { y };
    let y = if u < 0.0 { f32::NAN } else { y };
    // Infinity and NaN are returned as they are.
    if x < f32::INFINITY { y } else { x }
}
