//! How the other crates draw numbers.

use crate::{Generator, check, integer, normal, uniform};

/// Fills slices with random numbers: what an initializer needs to know of a generator.
///
/// Slices, not single numbers, because PyTorch's normal numbers depend on how many are drawn at once.
/// The trait lives in this crate because of coherence: only here can an implementation for every `rand::Rng`
/// (feature `rand`) stand beside the one for [`Generator`].
pub trait Source<T> {
    /// `out[i] ~ U[lo, hi)`, or `lo` itself when `lo = hi`.
    ///
    /// # Panics
    /// If `lo > hi`, if either is NaN, or if `lo`, `hi` or `hi − lo` is beyond the largest `T`.
    #[track_caller]
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [T]);

    /// `out[i] ~ N(mean, std²)`.
    ///
    /// # Panics
    /// If `std` is negative or NaN.
    #[track_caller]
    fn normal(&mut self, mean: f64, std: f64, out: &mut [T]);

    /// A permutation of 0, …, n − 1, every one equally likely. The same for every `T`.
    fn permutation(&mut self, n: usize) -> Vec<usize>;
}

/// PyTorch's numbers, bit for bit: `tensor.uniform_(lo, hi)`, `tensor.normal_(mean, std)`, `torch.randperm(n)`.
impl Source<f32> for Generator {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [f32]) {
        check::bounds(lo, hi, f32::MAX.into());
        uniform::fill_f32(self, lo, hi, out);
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [f32]) {
        check::deviation(std);
        normal::fill_f32(self, mean, std, out);
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        integer::permutation(self, n)
    }
}

/// PyTorch's numbers: uniform bit for bit, normal to within 4 ε·max(|x|, |x − mean|).
impl Source<f64> for Generator {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [f64]) {
        check::bounds(lo, hi, f64::MAX);
        uniform::fill_f64(self, lo, hi, out);
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [f64]) {
        check::deviation(std);
        normal::fill_f64(self, mean, std, out);
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        integer::permutation(self, n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_is_randperms_for_every_type() {
        let mut generator = Generator::manual_seed(42);
        assert_eq!(Source::<f32>::permutation(&mut generator, 6), [0, 3, 2, 4, 1, 5]);
        let mut again = generator.clone();
        assert_eq!(Source::<f64>::permutation(&mut generator, 6), Source::<f32>::permutation(&mut again, 6));
        assert_eq!(generator, again);
    }
}
