//! Uniform numbers: x = u·(hi − lo) + lo, fused, where u has as many random bits as the precision can hold.
//!
//! A number that rounds to hi becomes lo, as in PyTorch 2.15; older releases return hi.

use crate::Generator;

/// `out[i] ~ U[lo, hi)` in single precision: u is the low 24 bits of one word, times 2⁻²⁴.
pub(crate) fn fill_f32(generator: &mut Generator, lo: f64, hi: f64, out: &mut [f32]) {
    let (lo, hi) = (lo as f32, hi as f32);
    pulp::Arch::new().dispatch(Fill { generator, lo, hi, out });
}

/// `out[i] ~ U[lo, hi)` in double precision: u is the low 53 bits of two words, times 2⁻⁵³.
pub(crate) fn fill_f64(generator: &mut Generator, lo: f64, hi: f64, out: &mut [f64]) {
    pulp::Arch::new().dispatch(Fill { generator, lo, hi, out });
}

/// `out[i] = convert(u)` with u ~ U[0, 1) of 53 bits, as for every distribution that PyTorch samples in double
/// precision.
pub(crate) fn fill_by<T>(generator: &mut Generator, out: &mut [T], convert: impl Fn(f64) -> T) {
    let mut units = [0.0; 64];
    for part in out.chunks_mut(units.len()) {
        let units = &mut units[..part.len()];
        fill_f64(generator, 0.0, 1.0, units);
        part.iter_mut().zip(units).for_each(|(value, u)| *value = convert(*u));
    }
}

/// The number that a word gives in single precision.
#[inline(always)]
pub(crate) fn from_word(word: u32, lo: f32, hi: f32) -> f32 {
    const UNIT: f32 = 1.0 / (1 << 24) as f32;
    let x = ((word & 0x00ff_ffff) as f32 * UNIT).mul_add(hi - lo, lo);
    if x < hi { x } else { lo }
}

/// The number in [0, 1) that two words give in double precision.
#[inline(always)]
pub(crate) fn unit_from_words(words: [u32; 2]) -> f64 {
    const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
    (u64::from(words[0] & 0x001f_ffff) << 32 | u64::from(words[1])) as f64 * UNIT
}

/// The work of one call, as an operation that pulp also compiles for CPUs with AVX2 and with AVX-512.
struct Fill<'a, T> {
    generator: &'a mut Generator,
    lo: T,
    hi: T,
    out: &'a mut [T],
}

impl pulp::WithSimd for Fill<'_, f32> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { generator, lo, hi, out } = self;
        generator.engine.fill(out, |word| from_word(word, lo, hi));
    }
}

impl pulp::WithSimd for Fill<'_, f64> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { generator, lo, hi, out } = self;
        let width = hi - lo;
        let mut words = [0; 128];
        for part in out.chunks_mut(words.len() / 2) {
            let words = &mut words[..2 * part.len()];
            generator.engine.fill(words, |word| word);
            for (value, pair) in part.iter_mut().zip(words.chunks_exact(2)) {
                let x = unit_from_words([pair[0], pair[1]]).mul_add(width, lo);
                *value = if x < hi { x } else { lo };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Generator, Source};
    use proptest::prelude::*;

    #[test]
    fn value_stability() {
        let mut single = [0_f32; 3];
        Generator::manual_seed(42).uniform(0.0, 1.0, &mut single);
        assert_eq!(single, [0.88226926, 0.91500396, 0.38286376]);
        let mut double = [0_f64; 3];
        Generator::manual_seed(42).uniform(-2.0, 3.0, &mut double);
        assert_eq!(double, [-1.7092275701928514, -1.6854491628771122, -1.3820696361279547]);
    }

    #[test]
    fn a_number_that_rounds_to_hi_becomes_lo() {
        let hi = 1.0 + f64::from(f32::EPSILON);
        let mut out = [0_f32; 1000];
        Generator::manual_seed(1).uniform(1.0, hi, &mut out);
        assert_eq!(out, [1.0; 1000]);
    }

    #[test]
    fn nothing_is_drawn_for_an_empty_slice() {
        let mut generator = Generator::manual_seed(1);
        Source::<f32>::uniform(&mut generator, 0.0, 1.0, &mut []);
        Source::<f64>::normal(&mut generator, 0.0, 1.0, &mut []);
        assert_eq!(generator, Generator::manual_seed(1));
    }

    #[test]
    #[should_panic(expected = "lo = 1 must not exceed hi = 0")]
    fn bounds_in_the_wrong_order_are_refused() {
        Source::<f32>::uniform(&mut Generator::manual_seed(1), 1.0, 0.0, &mut []);
    }

    #[test]
    #[should_panic(expected = "must not exceed")]
    fn a_bound_of_nan_is_refused() {
        Source::<f64>::uniform(&mut Generator::manual_seed(1), 0.0, f64::NAN, &mut []);
    }

    #[test]
    #[should_panic(expected = "must not exceed the largest number 3.4028234663852886e38")]
    fn a_width_above_the_largest_number_is_refused() {
        Source::<f32>::uniform(&mut Generator::manual_seed(1), -3e38, 3e38, &mut []);
    }

    proptest! {
        #[test]
        fn numbers_are_between_their_bounds(seed: u64, a in -1e6..1e6_f64, b in -1e6..1e6_f64, n in 0..700_usize) {
            let (lo, hi) = (a.min(b), a.max(b));
            let mut double = vec![0.0; n];
            Generator::manual_seed(seed).uniform(lo, hi, &mut double);
            prop_assert!(double.iter().all(|&x| lo <= x && x < hi));

            let (lo, hi) = (lo as f32, hi as f32);
            let mut single = vec![0.0; n];
            Generator::manual_seed(seed).uniform(lo.into(), hi.into(), &mut single);
            prop_assert!(single.iter().all(|&x| lo <= x && (x < hi || lo == hi)));
        }
    }
}
