//! How the other crates draw numbers.

use crate::{Generator, check, normal, uniform};

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
}

/// PyTorch's numbers, bit for bit: `tensor.uniform_(lo, hi)` and `tensor.normal_(mean, std)`.
impl Source<f32> for Generator {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [f32]) {
        check::bounds(lo, hi, f32::MAX.into());
        uniform::fill_f32(self, lo, hi, out);
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [f32]) {
        check::deviation(std);
        normal::fill_f32(self, mean, std, out);
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
}
