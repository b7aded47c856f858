//! Normal numbers by Box-Muller: r = √(−2 ln u₁), θ = 2π·u₂, the pair r·cos θ and r·sin θ.
//!
//! PyTorch chooses one of two algorithms by the length (`DistributionTemplates.h`): pair by pair in double precision
//! for fewer than sixteen numbers, and blocks of sixteen in the tensor's own precision otherwise.

use crate::{Float, Generator, Source, polynomial, uniform};
use std::f64::consts::TAU;

/// The length of a block, and of the shortest slice that is filled by blocks.
pub(crate) const BLOCK: usize = 16;

/// Draws all uniforms, then transforms whole blocks. If a rest remains, the last sixteen values are drawn again.
fn fill_blocks<T: Float>(generator: &mut Generator, out: &mut [T], transform: impl Fn(&mut [T])) {
    generator.uniform(0.0, 1.0, out);
    let rest = out.len() % BLOCK;
    let whole = out.len() - rest;
    transform(&mut out[..whole]);
    if rest != 0 {
        let last = out.len() - BLOCK;
        generator.uniform(0.0, 1.0, &mut out[last..]);
        transform(&mut out[last..]);
    }
}

/// `out[i] ~ N(mean, std²)` in single precision.
pub(crate) fn fill_f32(generator: &mut Generator, mean: f64, std: f64, out: &mut [f32]) {
    if out.len() < BLOCK {
        out.iter_mut().for_each(|value| *value = next(generator).mul_add(std, mean) as f32);
    } else {
        let (mean, std) = (mean as f32, std as f32);
        fill_blocks(generator, out, |blocks| {
            pulp::Arch::new().dispatch(Transform { blocks, mean, std });
        });
    }
}

/// `out[i] ~ N(mean, std²)` in double precision.
pub(crate) fn fill_f64(generator: &mut Generator, mean: f64, std: f64, out: &mut [f64]) {
    if out.len() < BLOCK {
        out.iter_mut().for_each(|value| *value = next(generator).mul_add(std, mean));
    } else {
        fill_blocks(generator, out, |blocks| transform_f64(blocks, mean, std));
    }
}

/// One standard normal number: the spare of the last pair, or the first of a new pair.
fn next(generator: &mut Generator) -> f64 {
    if let Some(spare) = generator.spare.take() {
        return spare;
    }
    let mut u = [0.0; 2];
    generator.uniform(0.0, 1.0, &mut u);
    let (first, second) = pair(u);
    generator.spare = Some(second);
    first
}

/// Two standard normal numbers from two uniforms.
fn pair(u: [f64; 2]) -> (f64, f64) {
    let radius = (-2.0 * libm::log1p(-u[1])).sqrt();
    let (sin, cos) = libm::sincos(TAU * u[0]);
    (radius * cos, radius * sin)
}

/// The first number of a slice that is too short for a block, from the first words.
pub(crate) fn short_from_words(words: [u32; 4], mean: f64, std: f64) -> f32 {
    let [a, b, c, d] = words;
    pair([[a, b], [c, d]].map(uniform::unit_from_words)).0.mul_add(std, mean) as f32
}

/// The blocks of `fill_f32`, as an operation that pulp also compiles for CPUs with AVX2 and with AVX-512.
struct Transform<'a> {
    blocks: &'a mut [f32],
    mean: f32,
    std: f32,
}

impl pulp::WithSimd for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        transform_f32(self.blocks, self.mean, self.std);
    }
}

/// Turns blocks of uniforms into normals: indices j and j + 8 of a block are a pair.
#[inline(always)]
fn transform_f32(blocks: &mut [f32], mean: f32, std: f32) {
    for block in blocks.chunks_exact_mut(BLOCK) {
        let (first, second) = block.split_at_mut(BLOCK / 2);
        for (a, b) in first.iter_mut().zip(second) {
            (*a, *b) = pair_f32(*a, *b, mean, std);
        }
    }
}

/// Two normal numbers from two uniforms in single precision.
#[inline(always)]
pub(crate) fn pair_f32(a: f32, b: f32, mean: f32, std: f32) -> (f32, f32) {
    let radius = (-2.0 * polynomial::ln(1.0 - a)).sqrt();
    let (sin, cos) = polynomial::sin_cos(TAU as f32 * b);
    ((radius * cos).mul_add(std, mean), (radius * sin).mul_add(std, mean))
}

/// Turns blocks of uniforms into normals in double precision, where PyTorch calls the platform's math library.
fn transform_f64(blocks: &mut [f64], mean: f64, std: f64) {
    for block in blocks.chunks_exact_mut(BLOCK) {
        let (first, second) = block.split_at_mut(BLOCK / 2);
        for (a, b) in first.iter_mut().zip(second) {
            let radius = (-2.0 * libm::log(1.0 - *a)).sqrt();
            let (sin, cos) = libm::sincos(TAU * *b);
            *a = (radius * cos).mul_add(std, mean);
            *b = (radius * sin).mul_add(std, mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn value_stability() {
        let mut short = [0_f32; 3];
        Generator::manual_seed(42).normal(0.0, 1.0, &mut short);
        assert_eq!(short, [0.33669037, 0.1288094, 0.23446237]);
        let mut long = [0_f32; 17];
        Generator::manual_seed(42).normal(1.0, 0.5, &mut long);
        assert_eq!([long[0], long[8], long[16]], [1.9634576, 1.17793, 0.84513664]);
        let mut double = [0_f64; 16];
        Generator::manual_seed(42).normal(0.0, 1.0, &mut double);
        let expected: [f64; 3] = [0.2995562877502637, 0.24237779080894106, 0.28320739441795323];
        // libm is portable, but its authors do not guarantee the bits.
        assert!(double.iter().zip(expected).all(|(x, y)| (x - y).abs() <= 4.0 * f64::EPSILON * y.abs()));
    }

    #[test]
    fn a_long_slice_does_not_use_the_spare_of_a_short_one() {
        let mut apart = Generator::manual_seed(3);
        let mut pair = [0_f32; 2];
        apart.normal(0.0, 1.0, &mut pair[..1]);
        apart.normal(0.0, 1.0, &mut [0_f32; 16]);
        apart.normal(0.0, 1.0, &mut pair[1..]);
        let mut together = [0_f32; 2];
        Generator::manual_seed(3).normal(0.0, 1.0, &mut together);
        assert_eq!(pair, together);
    }

    #[test]
    #[should_panic(expected = "std = -1 must not be negative")]
    fn a_negative_std_is_refused() {
        Source::<f32>::normal(&mut Generator::manual_seed(1), 0.0, -1.0, &mut []);
    }

    #[test]
    #[should_panic(expected = "std = NaN")]
    fn a_std_of_nan_is_refused() {
        Source::<f64>::normal(&mut Generator::manual_seed(1), 0.0, f64::NAN, &mut []);
    }

    /// True if mean and variance are within five standard errors, 5·√(1/n) and 5·√(2/n), of 0 and 1.
    fn looks_standard(x: &[f32]) -> bool {
        let n = x.len() as f64;
        let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        let variance = x.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
        mean.abs() < 5.0 / n.sqrt() && (variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt()
    }

    #[test]
    fn normals_have_mean_0_and_variance_1() {
        let mut x = vec![0_f32; 100_000];
        let mut generator = Generator::manual_seed(42);
        generator.normal(0.0, 1.0, &mut x);
        assert!(looks_standard(&x));
        x.chunks_mut(15).for_each(|short| generator.normal(0.0, 1.0, short));
        assert!(looks_standard(&x));

        generator.normal(0.0, 1.02, &mut x);
        assert!(!looks_standard(&x), "a std 2% off");
        generator.normal(0.02, 1.0, &mut x);
        assert!(!looks_standard(&x), "a mean off by 0.02");
    }

    proptest! {
        /// On CPUs with vector instructions the dispatched code and the plain code are different machine code.
        #[test]
        fn vector_and_scalar_code_give_the_same_bits(
            seed: u64,
            blocks in 1..40_usize,
            mean in -9_f32..9.0,
            std in 0_f32..9.0,
        ) {
            let mut scalar = vec![0.0; blocks * BLOCK];
            Generator::manual_seed(seed).uniform(0.0, 1.0, &mut scalar);
            let mut vector = scalar.clone();
            transform_f32(&mut scalar, mean, std);
            pulp::Arch::new().dispatch(Transform { blocks: &mut vector, mean, std });
            prop_assert!(scalar.iter().zip(&vector).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
