//! Bernoulli samples: true where a uniform number is less than p.

use crate::{Float, Generator, Source, check, uniform};
use std::fmt;

/// A probability that is not between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbabilityError {
    /// Its index.
    pub index: usize,
    /// Its value.
    pub value: f64,
}

impl fmt::Display for ProbabilityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "probability {} is {}; it must be between 0 and 1", self.index, self.value)
    }
}

impl std::error::Error for ProbabilityError {}

impl Generator {
    /// `out[i]` is true with probability p: `tensor.bernoulli_(p)` for a tensor of any type.
    ///
    /// Each value is u < p with a uniform number u in double precision.
    ///
    /// # Panics
    /// If p is not between 0 and 1.
    #[track_caller]
    pub fn bernoulli(&mut self, p: f64, out: &mut [bool]) {
        check::probability(p);
        uniform::fill_by(self, out, |u| u < p);
    }

    /// `out[i]` is true with probability `p[i]`: `torch.bernoulli(p)`.
    ///
    /// Each value is u < p\[i\] with a uniform number u in the precision of the probabilities.
    ///
    /// # Errors
    /// If a probability is not between 0 and 1. Nothing is drawn then.
    ///
    /// # Panics
    /// If `p` and `out` have different lengths.
    #[track_caller]
    pub fn bernoulli_each<T: Float>(&mut self, p: &[T], out: &mut [bool]) -> Result<(), ProbabilityError> {
        assert_eq!(p.len(), out.len(), "bernoulli_each: p and out must have the same length");
        let wrong = |p: &T| !(0.0..=1.0).contains(&(*p).into());
        if let Some(index) = p.iter().position(wrong) {
            return Err(ProbabilityError { index, value: p[index].into() });
        }
        let mut units = [T::nearest(0.0); 64];
        for (p, out) in p.chunks(units.len()).zip(out.chunks_mut(units.len())) {
            let units = &mut units[..p.len()];
            self.uniform(0.0, 1.0, units);
            let samples = units.iter().zip(p).map(|(u, p)| (*u).into() < (*p).into());
            out.iter_mut().zip(samples).for_each(|(out, sample)| *out = sample);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_stability() {
        let mut out = [false; 8];
        Generator::manual_seed(42).bernoulli(0.5, &mut out);
        assert_eq!(out.map(u8::from), [1, 1, 1, 1, 0, 1, 0, 0]);
        Generator::manual_seed(42).bernoulli_each(&[0.5_f32; 8], &mut out).expect("probabilities");
        assert_eq!(out.map(u8::from), [0, 0, 1, 0, 1, 0, 1, 0]);
        let mut single = Generator::manual_seed(42);
        let mut double = single.clone();
        double.bernoulli_each(&[0.5; 8], &mut out).expect("probabilities");
        single.bernoulli(0.5, &mut out);
        assert_eq!(single, double);
    }

    #[test]
    fn p_of_zero_is_never_true_and_p_of_one_always() {
        let mut generator = Generator::manual_seed(1);
        let mut out = [true; 1000];
        generator.bernoulli(0.0, &mut out);
        assert_eq!(out, [false; 1000]);
        generator.bernoulli_each(&[1_f32; 1000], &mut out).expect("probabilities");
        assert_eq!(out, [true; 1000]);
    }

    #[test]
    fn the_first_wrong_probability_is_reported_and_nothing_drawn() {
        let mut generator = Generator::manual_seed(1);
        for (wrong, message) in [(1.5, "is 1.5;"), (-0.1, "is -0.1;"), (f64::NAN, "is NaN;")] {
            let error = generator
                .bernoulli_each(&[0.5, wrong, 7.0], &mut [false; 3])
                .expect_err("an invalid probability");
            assert!(error.to_string().starts_with(&format!("probability 1 {message}")), "{error}");
        }
        assert_eq!(generator, Generator::manual_seed(1));
    }

    #[test]
    #[should_panic(expected = "p = 1.1 must be between 0 and 1")]
    fn a_probability_above_one_is_refused() {
        Generator::manual_seed(1).bernoulli(1.1, &mut []);
    }

    #[test]
    #[should_panic(expected = "p and out must have the same length")]
    fn different_lengths_are_refused() {
        _ = Generator::manual_seed(1).bernoulli_each(&[0.5], &mut []);
    }
}
