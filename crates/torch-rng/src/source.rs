//! The trait through which other crates draw numbers.

use crate::{Float, Generator, check};

/// A source of random numbers: the part of a generator that an initialiser needs.
///
/// It fills slices instead of returning single numbers, because PyTorch's normal numbers depend on how many are drawn
/// at once. The trait is in this crate because of coherence: only here can it be implemented both for every `rand::Rng`
/// (feature `rand`) and for [`Generator`].
pub trait Source<T> {
    /// `out[i] ~ U[lo, hi)`, or `lo` itself if `lo = hi`.
    ///
    /// # Panics
    /// If `lo > hi`, if either is NaN, or if `lo`, `hi` or `hi − lo` exceeds the largest `T`.
    #[track_caller]
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [T]);

    /// `out[i] ~ N(mean, std²)`.
    ///
    /// # Panics
    /// If `std` is negative or NaN.
    #[track_caller]
    fn normal(&mut self, mean: f64, std: f64, out: &mut [T]);

    /// A random permutation of 0, …, n − 1, all equally likely. It is the same for every `T`.
    fn permutation(&mut self, n: usize) -> Vec<usize>;
}

/// PyTorch's numbers: `tensor.uniform_(lo, hi)`, `tensor.normal_(mean, std)`, `torch.randperm(n)`.
///
/// Every bit, except that normal numbers in double precision are within 4 ε·max(|x|, |x − mean|).
impl<T: Float> Source<T> for Generator {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [T]) {
        check::bounds(lo, hi, T::LARGEST);
        T::fill_uniform(self, lo, hi, out);
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [T]) {
        check::standard_deviation(std);
        T::fill_normal(self, mean, std, out);
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        self.randperm(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_is_randperms_for_both_types() {
        let mut generator = Generator::manual_seed(42);
        assert_eq!(Source::<f32>::permutation(&mut generator, 6), [0, 3, 2, 4, 1, 5]);
        let mut again = generator.clone();
        assert_eq!(Source::<f64>::permutation(&mut generator, 6), Source::<f32>::permutation(&mut again, 6));
        assert_eq!(generator, again);
    }
}
