//! Half precision: numbers that are drawn in single precision and rounded.

use crate::{Generator, check, normal, uniform};

/// A number type of half precision: `half::f16` or `half::bf16`.
pub trait Half: sealed::Sealed + Copy + PartialOrd + 'static {
    /// The largest finite number.
    const LARGEST: f64;

    /// The value nearest to x.
    fn nearest(x: f32) -> Self;

    /// The same value in single precision.
    fn widened(self) -> f32;
}

mod sealed {
    /// Outside code cannot name this trait, so it cannot implement [`Half`](super::Half).
    pub trait Sealed {}
}

macro_rules! half {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}

        impl Half for $type {
            const LARGEST: f64 = Self::MAX.to_f64_const();

            fn nearest(x: f32) -> Self {
                Self::from_f32(x)
            }

            fn widened(self) -> f32 {
                self.to_f32()
            }
        }
    )*};
}

half!(::half::f16, ::half::bf16);

/// The length of the slices that are drawn in single precision, a multiple of the blocks of normals.
const BUFFER: usize = 256;
const BLOCK: usize = 16;

/// Half precision, with the bits of PyTorch 2.15 on a CPU, as for the other precisions.
impl Generator {
    /// `out[i] ~ U[lo, hi)`: `tensor.uniform_(lo, hi)` of a `float16` or `bfloat16` tensor.
    ///
    /// The numbers are those of single precision, rounded, and one that reaches the rounded `hi` becomes `lo`. So `lo` is
    /// drawn more often than its neighbours: on \[0, 1), once in 512 draws of a `bfloat16`.
    ///
    /// # Panics
    /// If `lo > hi`, if either is NaN, or if `lo`, `hi` or `hi − lo` exceeds the largest number.
    #[track_caller]
    pub fn uniform_half<H: Half>(&mut self, lo: f64, hi: f64, out: &mut [H]) {
        check::bounds(lo, hi, H::LARGEST);
        let (first, end) = (H::nearest(lo as f32), H::nearest(hi as f32));
        let mut single = [0_f32; BUFFER];
        for part in out.chunks_mut(BUFFER) {
            let single = &mut single[..part.len()];
            uniform::fill_f32(self, lo, hi, single);
            for (value, &x) in part.iter_mut().zip(&*single) {
                let rounded = H::nearest(x);
                *value = if rounded < end { rounded } else { first };
            }
        }
    }

    /// `out[i] ~ N(mean, std²)`: `tensor.normal_(mean, std)` of a `float16` or `bfloat16` tensor.
    ///
    /// The numbers are those of single precision, rounded, unless there are more than sixteen and not a multiple of it: the
    /// last sixteen are then drawn after the whole blocks, and not after all.
    ///
    /// # Panics
    /// If `std` is negative or NaN.
    #[track_caller]
    pub fn normal_half<H: Half>(&mut self, mean: f64, std: f64, out: &mut [H]) {
        check::standard_deviation(std);
        if out.len() < BLOCK {
            return self.rounded_normal(mean, std, out);
        }
        let rest = out.len() % BLOCK;
        let whole = out.len() - rest;
        self.rounded_normal(mean, std, &mut out[..whole]);
        if rest != 0 {
            let last = out.len() - BLOCK;
            self.rounded_normal(mean, std, &mut out[last..]);
        }
    }

    /// Normals of single precision, rounded: fewer than a block, or whole blocks.
    fn rounded_normal<H: Half>(&mut self, mean: f64, std: f64, out: &mut [H]) {
        let mut single = [0_f32; BUFFER];
        for part in out.chunks_mut(BUFFER) {
            let single = &mut single[..part.len()];
            normal::fill_f32(self, mean, std, single);
            part.iter_mut().zip(&*single).for_each(|(value, &x)| *value = H::nearest(x));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::half::{bf16, f16};

    #[test]
    fn value_stability() {
        let mut bits = [bf16::ZERO; 3];
        Generator::manual_seed(42).uniform_half(0.0, 1.0, &mut bits);
        assert_eq!(bits.map(f32::from), [0.8828125, 0.9140625, 0.3828125]);
        let mut bits = [f16::ZERO; 3];
        Generator::manual_seed(42).normal_half(0.0, 1.0, &mut bits);
        assert_eq!(bits.map(f32::from), [0.33666992, 0.12878418, 0.23449707]);
    }

    #[test]
    fn a_number_that_rounds_to_hi_becomes_lo() {
        let mut out = [bf16::ONE; 100_000];
        Generator::manual_seed(1).uniform_half(0.0, 1.0, &mut out);
        assert!(out.iter().all(|&x| x < bf16::ONE));
        // Expected: 100,000/512 = 195, with a standard deviation of 14.
        let zeros = out.iter().filter(|&&x| x == bf16::ZERO).count();
        assert!((125..265).contains(&zeros), "{zeros}");
    }

    #[test]
    #[should_panic(expected = "must not exceed the largest number 6.5504e4")]
    fn bounds_beyond_the_precision_are_refused() {
        Generator::manual_seed(1).uniform_half(0.0, 70_000.0, &mut [f16::ZERO]);
    }
}
