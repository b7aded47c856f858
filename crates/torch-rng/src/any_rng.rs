//! `Source` for every generator of the rand ecosystem.

use crate::{Float, Source, check};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The numbers of a rand generator: lo + u·(hi − lo) from its unit uniforms, mean + std·z from its standard normals,
/// permutations by its shuffle (Fisher–Yates).
///
/// The generator and `rand_distr` decide which numbers those are, and their releases may change them.
impl<T: Float, R: Rng + ?Sized> Source<T> for R {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [T]) {
        check::bounds(lo, hi, T::LARGEST);
        let (lo, hi) = (T::nearest(lo), T::nearest(hi));
        for value in out {
            let x = lo + T::unit(self) * (hi - lo);
            *value = if x < hi { x } else { lo };
        }
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [T]) {
        check::standard_deviation(std);
        for value in out {
            let z: f64 = self.sample(StandardNormal);
            *value = T::nearest(mean + std * z);
        }
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..n).collect();
        indices.shuffle(self);
        indices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn value_stability() {
        let mut rng = ChaCha8Rng::seed_from_u64(42);
        let (mut single, mut double) = ([0_f32; 2], [0_f64; 2]);
        rng.uniform(-2.0, 3.0, &mut single);
        assert_eq!(single, [-0.87959623, 1.4094808]);
        rng.uniform(-2.0, 3.0, &mut double);
        assert_eq!(double, [2.7513770383624196, 0.1375820142825983]);
        rng.normal(1.0, 0.5, &mut single);
        assert_eq!(single, [1.2381735, 0.7439547]);
        rng.normal(1.0, 0.5, &mut double);
        assert_eq!(double, [0.5330107753046509, 0.4988110779311986]);
    }

    #[test]
    fn value_stability_of_permutations() {
        let mut rng = ChaCha8Rng::seed_from_u64(42);
        let single = Source::<f32>::permutation(&mut rng.clone(), 9);
        assert_eq!(single, [7, 1, 5, 4, 6, 0, 3, 8, 2]);
        assert_eq!(Source::<f64>::permutation(&mut rng, 9), single);
    }

    #[test]
    fn a_boxed_generator_is_a_source() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut boxed: Box<dyn Rng> = Box::new(rng.clone());
        let (mut a, mut b) = ([0_f64; 9], [0_f64; 9]);
        boxed.normal(0.0, 1.0, &mut a);
        (&mut rng as &mut dyn Source<f64>).normal(0.0, 1.0, &mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn a_number_that_rounds_to_hi_becomes_lo() {
        let mut out = [0_f64; 1000];
        ChaCha8Rng::seed_from_u64(1).uniform(1.0, 1.0 + f64::EPSILON, &mut out);
        assert_eq!(out, [1.0; 1000]);
    }

    #[test]
    #[should_panic(expected = "must not exceed")]
    fn bounds_in_the_wrong_order_are_refused() {
        Source::<f32>::uniform(&mut ChaCha8Rng::seed_from_u64(1), 1.0, 0.0, &mut []);
    }

    #[test]
    #[should_panic(expected = "std = -1 must not be negative or NaN")]
    fn a_negative_std_is_refused() {
        Source::<f64>::normal(&mut ChaCha8Rng::seed_from_u64(1), 0.0, -1.0, &mut []);
    }
}
