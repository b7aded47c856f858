//! Sine and cosine, computed in double precision and rounded once.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The factors `(2^k, a, b)` of numbers from a bound on, where `a + b` is 2^k modulo 2π.
type Factors = (f64, f64, f64);

const SMALL: Factors = (1.0, 1.0, 0.0);
const FROM_2_50: Factors = ((1_u64 << 27) as f64, -0.868_565_626_261_989, -9.019_323_986_564_577e-18);
const FROM_2_76: Factors = ((1_u64 << 53) as f64, -2.127_642_876_577_046_3, -1.341_501_068_196_791_3e-16);
const FROM_2_102: Factors = ((1_u128 << 79) as f64, -0.515_969_324_355_016_4, 1.613_774_706_489_530_7e-17);

/// The `(r, n)` with `x = r + n·π/2` modulo 2π and |r| < 1, by the reduction of Cody & Waite with π/2 in two parts.
///
/// From 2⁵⁰ on, x is a whole number below 2⁴⁹ times a power of two, which is replaced by what it leaves modulo 2π.
#[inline(always)]
fn reduced(x: f32) -> (f64, u64) {
    // 1.5·2⁵²: adding it rounds to the nearest integer and leaves that integer in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // π/2 beyond its double.
    const REST: f64 = 6.123_233_995_736_766e-17;
    let x = f64::from(x);
    let magnitude = x.abs();
    let factors = if magnitude < (1_u64 << 50) as f64 { SMALL } else { FROM_2_50 };
    let factors = if magnitude < (1_u128 << 76) as f64 { factors } else { FROM_2_76 };
    let (power, high, low) = if magnitude < (1_u128 << 102) as f64 { factors } else { FROM_2_102 };

    let y = x * (1.0 / power);
    let product = y * high;
    let lost = y.mul_add(low, y.mul_add(high, -product));
    let shifted = product.mul_add(FRAC_2_PI, ROUND);
    let n = shifted - ROUND;
    let r = (-n).mul_add(FRAC_PI_2, product) + (-n).mul_add(REST, lost);
    (r, shifted.to_bits())
}

/// `sin(r + n·π/2)`, with polynomials in r² fitted on |r| ≤ 1, whose errors are below 1e-11.
#[inline(always)]
fn quadrant(r: f64, n: u64) -> f32 {
    let z = r * r;
    let sine = r * polynomial(
        z,
        [
            1.0,
            -0.166_666_666_666_356_74,
            8.333_333_317_834_781e-3,
            -1.984_125_743_621_154e-4,
            2.755_384_195_728_633_7e-6,
            -2.465_372_362_907_267_4e-8,
        ],
    );
    let cosine = polynomial(
        z,
        [
            1.0,
            -0.499_999_999_995_978_17,
            4.166_666_646_555_151e-2,
            -1.388_887_279_036_346_2e-3,
            2.479_707_394_546_544e-5,
            -2.704_003_425_533_247e-7,
        ],
    );
    // Selected by bits: a loop that computes both functions of one n would have branches otherwise.
    let odd = (n & 1).wrapping_neg();
    let y = sine.to_bits() & !odd | cosine.to_bits() & odd;
    f64::from_bits(y ^ (n & 2) << 62) as f32
}

/// [`polynomial`](super::polynomial) in double precision.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for &c in coefficients[..N - 1].iter().rev() {
        sum = x.mul_add(sum, c);
    }
    sum
}

/// `sin x`; it preserves the sign of zero, and is NaN at ±∞.
#[inline(always)]
pub(crate) fn sin_f32(x: f32) -> f32 {
    let (r, n) = reduced(x);
    if x == 0.0 { x } else { quadrant(r, n) }
}

/// `cos x`; NaN at ±∞.
#[inline(always)]
pub(crate) fn cos_f32(x: f32) -> f32 {
    let (r, n) = reduced(x);
    quadrant(r, n.wrapping_add(1))
}
