//! Single-precision functions that vectorise: branch-free, in fused multiply-adds.
//!
//! Polynomials and reductions are those of Cephes (S. Moshier, `expf.c`, `tanhf.c`). Inside
//! `simd::dispatch` a loop over them runs eight lanes wide; elsewhere `mul_add` gives the same bits.

/// `eˣ`, within 1 ulp; overflows to infinity and underflows gradually, as IEEE says.
#[inline(always)]
pub(crate) fn exp_f32(x: f32) -> f32 {
    // 1.5·2²³: adding it rounds to the nearest integer and leaves that integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first exact in products with small integers.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Beyond these the result is infinity or zero whatever the rest does; NaN passes both comparisons.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };

    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let p = 1.987_569_1e-4_f32;
    let p = p.mul_add(r, 1.398_199_9e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_5e-1);
    let p = p.mul_add(r, 0.5);
    let e = p.mul_add(r * r, r) + 1.0;

    // 2ⁿ in two factors, so that neither leaves the normal range on the way to a subnormal or infinity.
    let n = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let half = n >> 1;
    e * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `2ⁿ` for n in −126..=127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `tanh x`, within 2 ulp and never beyond ±1.
#[inline(always)]
pub(crate) fn tanh_f32(x: f32) -> f32 {
    let magnitude = x.abs();
    // tanh 9.02 rounds to 1; NaN fails the comparison and stays.
    let clamped = if magnitude > 9.1 { 9.1 } else { magnitude };
    let large = 1.0 - 2.0 / (exp_f32(2.0 * clamped) + 1.0);

    let z = x * x;
    let p = -5.704_988_7e-3_f32;
    let p = p.mul_add(z, 2.063_909e-2);
    let p = p.mul_add(z, -5.373_971_6e-2);
    let p = p.mul_add(z, 1.333_144_2e-1);
    let p = p.mul_add(z, -3.333_328e-1);
    let small = (p * z).mul_add(magnitude, magnitude);

    (if magnitude < 0.625 { small } else { large }).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::{exp_f32, tanh_f32};

    /// Distance in units of the last place of the exact result, rounded to f32.
    fn ulps(got: f32, exact: f64) -> f64 {
        let rounded = exact as f32;
        if got == rounded || (got.is_nan() && rounded.is_nan()) {
            return 0.0;
        }
        let spacing = f64::from(rounded.abs().next_up()) - f64::from(rounded.abs());
        (f64::from(got) - exact).abs() / spacing
    }

    /// The worst error over every 997th float of the line, both signs, with the infinities.
    fn worst(f: fn(f32) -> f32, exact: fn(f64) -> f64) -> (f64, f32) {
        let all = (0..=u32::MAX).step_by(997).map(f32::from_bits).filter(|x| !x.is_nan());
        all.chain([f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0])
            .map(|x| (ulps(f(x), exact(f64::from(x))), x))
            .fold((0.0, 0.0), |worst, here| if here.0 > worst.0 { here } else { worst })
    }

    #[test]
    fn exp_is_within_an_ulp() {
        let (error, at) = worst(exp_f32, libm::exp);
        assert!(error <= 1.0, "{error} ulp at {at:e}");
    }

    #[test]
    fn tanh_is_within_two_ulps() {
        let (error, at) = worst(tanh_f32, libm::tanh);
        assert!(error <= 2.0, "{error} ulp at {at:e}");
    }

    #[test]
    fn the_ulp_measure_rejects_a_tanh_that_is_off_by_three() {
        let off = |x: f32| f32::from_bits(tanh_f32(x).to_bits() + 3);
        assert!(worst(off, libm::tanh).0 > 2.0);
    }

    #[test]
    fn edges_are_as_ieee_says() {
        assert!(tanh_f32(f32::NAN).is_nan() && exp_f32(f32::NAN).is_nan());
        assert_eq!((tanh_f32(f32::INFINITY), tanh_f32(f32::NEG_INFINITY)), (1.0, -1.0));
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!((exp_f32(f32::INFINITY), exp_f32(f32::NEG_INFINITY)), (f32::INFINITY, 0.0));
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(tanh_f32(f32::MIN_POSITIVE), f32::MIN_POSITIVE);
    }
}
