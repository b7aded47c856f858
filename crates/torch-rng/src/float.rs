//! The two precisions of sampled numbers and of weights.

use std::ops::{Add, Mul, Sub};

use crate::{Generator, normal, uniform};

/// A number type that can be sampled: `f32` or `f64`.
///
/// [`Generator`] is a [`Source<T>`](crate::Source) for every `T: Float`, and with the feature `rand` so is every
/// `rand::Rng`. Generic code needs no other bound:
///
/// ```
/// use torch_rng::{Float, Generator, Source};
///
/// fn standard_normal<T: Float>(n: usize, generator: &mut Generator) -> Vec<T> {
///     let mut values = vec![T::nearest(0.0); n];
///     generator.normal(0.0, 1.0, &mut values);
///     values
/// }
/// assert_eq!(standard_normal::<f32>(1, &mut Generator::manual_seed(42)), [0.33669037]);
/// ```
pub trait Float:
    Samplers
    + Copy
    + PartialOrd
    + Into<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + 'static
{
    /// The value nearest to x.
    ///
    /// One operation on two numbers in double precision, rounded by this, equals the operation in their own
    /// precision, because 53 bits are more than twice 24 plus two (S. Figueroa, "When is double rounding innocuous?",
    /// 1995).
    fn nearest(x: f64) -> Self;
}

impl Float for f32 {
    #[inline(always)]
    fn nearest(x: f64) -> Self {
        x as Self
    }
}

impl Float for f64 {
    #[inline(always)]
    fn nearest(x: f64) -> Self {
        x
    }
}

pub(crate) use sealed::Samplers;

/// Outside code cannot name this trait, so it cannot implement [`Float`].
mod sealed {
    use super::Generator;

    /// The samplers that depend on the precision.
    pub trait Samplers: Sized {
        /// The largest finite number.
        const LARGEST: f64;

        /// `out[i] ~ U[lo, hi)` from PyTorch's stream.
        fn fill_uniform(generator: &mut Generator, lo: f64, hi: f64, out: &mut [Self]);

        /// `out[i] ~ N(mean, std²)` from PyTorch's stream.
        fn fill_normal(generator: &mut Generator, mean: f64, std: f64, out: &mut [Self]);

        /// `u ~ U[0, 1)` from a generator of the rand ecosystem.
        #[cfg(feature = "rand")]
        fn unit<R: rand::Rng + ?Sized>(rng: &mut R) -> Self;
    }
}

macro_rules! sample {
    ($type:ty, $uniform:path, $normal:path) => {
        impl Samplers for $type {
            const LARGEST: f64 = <$type>::MAX as f64;

            fn fill_uniform(generator: &mut Generator, lo: f64, hi: f64, out: &mut [Self]) {
                $uniform(generator, lo, hi, out);
            }

            fn fill_normal(generator: &mut Generator, mean: f64, std: f64, out: &mut [Self]) {
                $normal(generator, mean, std, out);
            }

            #[cfg(feature = "rand")]
            #[inline(always)]
            fn unit<R: rand::Rng + ?Sized>(rng: &mut R) -> Self {
                rand::RngExt::random(rng)
            }
        }
    };
}

sample!(f32, uniform::fill_f32, normal::fill_f32);
sample!(f64, uniform::fill_f64, normal::fill_f64);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_operation_may_be_rounded_from_double_precision(a: f32, b: f32) {
            let (x, y) = (f64::from(a), f64::from(b));
            prop_assert_eq!(f32::nearest(x + y).to_bits(), (a + b).to_bits());
            prop_assert_eq!(f32::nearest(x / y).to_bits(), (a / b).to_bits());
        }
    }
}
