//! `eˣ` and `eˣ − 1`, by the reduction to `e^r·2ⁿ` and the polynomial of Cephes (S. Moshier, `expf.c`).

use super::polynomial;

/// `e^r − 1` for the `x = r + n·ln 2` with |r| ≤ ½ ln 2, and two powers of two whose product is 2ⁿ.
///
/// There are two, so that neither leaves the normal range when the result is subnormal or infinite.
#[inline(always)]
fn reduced(x: f32) -> (f32, f32, f32) {
    // 1.5·2²³: adding it rounds to the nearest integer and leaves that integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts; products of the first with small integers are exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Outside these bounds the result is infinity or zero anyway; NaN fails both comparisons and stays.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };

    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let p =
        polynomial(r, [0.5, 1.666_666_5e-1, 4.166_579_6e-2, 8.333_452e-3, 1.398_199_9e-3, 1.987_569_1e-4]);

    let n = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let half = n >> 1;
    (p.mul_add(r * r, r), power_of_two(half), power_of_two(n.wrapping_sub(half)))
}

/// `2ⁿ` for n in −126..=127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `eˣ`; it overflows to infinity and underflows gradually, as IEEE 754 requires.
#[inline(always)]
pub(crate) fn exp_f32(x: f32) -> f32 {
    let (e, first, second) = reduced(x);
    (e + 1.0) * first * second
}

/// `eˣ − 1`, accurate near 0; it preserves the sign of zero.
#[inline(always)]
pub(crate) fn exp_m1_f32(x: f32) -> f32 {
    let (e, first, second) = reduced(x);
    // (e + 1)·2ⁿ − 1 = (e·first + (first − 1/second))·second; the reciprocal of a power of two is exact.
    (e.mul_add(first, first - 1.0 / second) * second).copysign(x)
}
