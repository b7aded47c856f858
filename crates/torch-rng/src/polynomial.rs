//! ln, sin and cos in single precision, as PyTorch's vector code rounds them.
//!
//! The method and the constants are those of the Cephes library (S. Moshier: `logf.c`, `sinf.c`), which PyTorch uses
//! in `avx_mathfun.h`. Its compiler fuses multiplications into the additions that follow, so each `mul_add` below is
//! one rounding in PyTorch too, and each separate product is rounded there as well. No function branches, so that a
//! loop over them becomes vector code.

#![allow(clippy::excessive_precision, reason = "the constants keep the digits they are published with")]

use std::f32::consts::FRAC_1_SQRT_2;

const LN: [f32; 9] = [
    7.0376836292E-2,
    -1.1514610310E-1,
    1.1676998740E-1,
    -1.2420140846E-1,
    1.4249322787E-1,
    -1.6668057665E-1,
    2.0000714765E-1,
    -2.4999993993E-1,
    3.3333331174E-1,
];
/// ln 2 in two parts; the second is short enough for exact products with an exponent.
const LN_2: [f32; 2] = [-2.12194440E-4, 0.693359375];

const SIN: [f32; 3] = [-1.9515295891E-4, 8.3321608736E-3, -1.6666654611E-1];
const COS: [f32; 3] = [2.443315711809948E-5, -1.388731625493765E-3, 4.166664568298827E-2];
const FOUR_OVER_PI: f32 = 1.27323954473516;
/// 2²³: the sum with a smaller whole number has that number in its low bits. A cast to an integer would take a quarter
/// of the total time, because it also handles values that no integer can hold.
const WHOLE: f32 = 8_388_608.0;
/// π/4 in three parts; the first two are short enough for exact products with an octant.
const PI_OVER_4: [f32; 3] = [0.78515625, 2.4187564849853515625E-4, 3.77489497744594108E-8];

/// ln x for a normal x > 0: with x = 2ᵉ·(1 + t) and √½ ≤ 1 + t < √2, it is e·ln 2 + t − t²/2 + t³·P(t).
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    let exponent = ((bits >> 23) as i32).wrapping_sub(126) as f32;

    let low = mantissa < FRAC_1_SQRT_2;
    let e = exponent - if low { 1.0 } else { 0.0 };
    let t = (mantissa - 1.0) + if low { mantissa } else { 0.0 };

    let square = t * t;
    let cubic = horner(LN, t) * t;
    // The half is exact, so fusing the second term would change nothing.
    let small = cubic.mul_add(square, e * LN_2[0]) - 0.5 * square;
    e.mul_add(LN_2[1], t + small)
}

/// (sin x, cos x) for 0 ≤ x < 8192: polynomials on |x − j·π/4| ≤ π/4 with j even, then the quadrant's signs.
#[inline(always)]
pub(crate) fn sin_cos(x: f32) -> (f32, f32) {
    let octant = ((x * FOUR_OVER_PI).floor() + (WHOLE + 1.0)).to_bits() & !1;
    let j = f32::from_bits(octant) - WHOLE;
    let x = PI_OVER_4.into_iter().fold(x, |x, part| j.mul_add(-part, x));

    let square = x * x;
    let cos = (horner(COS, square) * square).mul_add(square, -0.5 * square) + 1.0;
    let sin = (horner(SIN, square) * square).mul_add(x, x);

    let (sin, cos) = if octant & 2 == 0 { (sin, cos) } else { (cos, sin) };
    (flip(sin, octant), flip(cos, octant.wrapping_add(2)))
}

/// −x if the third bit of `octant` is set, else x.
#[inline(always)]
fn flip(x: f32, octant: u32) -> f32 {
    f32::from_bits(x.to_bits() ^ ((octant & 4) << 29))
}

/// c₀·xⁿ + … + cₙ, one fused step per coefficient.
#[inline(always)]
fn horner<const N: usize>(coefficients: [f32; N], x: f32) -> f32 {
    let mut sum = coefficients[0];
    for c in &coefficients[1..] {
        sum = sum.mul_add(x, *c);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance from `exact` in units of `scale` times f32's ε.
    fn error(got: f32, exact: f64, scale: f64) -> f64 {
        (f64::from(got) - exact).abs() / (scale * f64::from(f32::EPSILON))
    }

    #[test]
    fn value_stability() {
        assert_eq!([0.3, 0.7, 1.0].map(ln), [-1.2039728, -0.35667497, 0.0]);
        let expected = [(0.09983342, 0.9950042), (0.9092974, -0.4161468), (-0.2794155, 0.96017027)];
        assert_eq!([0.1, 2.0, 6.0].map(sin_cos), expected);
    }

    #[test]
    fn ln_is_within_an_ulp_on_the_arguments_of_box_muller() {
        for k in (1..=1 << 24).step_by(61) {
            let u = k as f32 / (1 << 24) as f32;
            let exact = f64::from(u).ln();
            assert!(error(ln(u), exact, exact.abs()) <= 1.0, "ln {u}");
        }
    }

    #[test]
    fn sin_and_cos_are_within_an_ulp_of_1_on_the_circle() {
        for k in (0..1 << 24).step_by(61) {
            let x = std::f32::consts::TAU * (k as f32 / (1 << 24) as f32);
            let (sin, cos) = sin_cos(x);
            let exact = f64::from(x).sin_cos();
            assert!(error(sin, exact.0, 1.0) <= 1.0 && error(cos, exact.1, 1.0) <= 1.0, "{x}: {sin}, {cos}");
        }
    }

    #[test]
    fn an_error_of_two_ulp_is_rejected() {
        assert!(error(1.0 + 2.0 * f32::EPSILON, 1.0, 1.0) > 1.0);
        assert!(error(f32::NAN, 1.0, 1.0).is_nan(), "NaN is not ≤ 1");
    }
}
