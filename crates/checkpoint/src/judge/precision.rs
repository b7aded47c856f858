//! The numbers of a type: how far apart they are.

use crate::Dtype;

/// The spacing of the numbers of a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precision {
    /// The bits of the fraction.
    fraction: i32,
    /// The power of two by which the smallest numbers differ.
    smallest: i32,
}

impl Precision {
    /// `None` for a type that is not judged.
    pub(super) fn of(dtype: &Dtype) -> Option<Self> {
        let (fraction, smallest) = match dtype {
            Dtype::F64 => (52, -1074),
            Dtype::F32 => (23, -149),
            Dtype::F16 => (10, -24),
            Dtype::Bf16 => (7, -133),
            Dtype::Other(_) => return None,
        };
        Some(Self { fraction, smallest })
    }

    /// True if a fraction of so many bits is one of this type.
    pub(super) fn has_room(self, fraction_bits: u32) -> bool {
        i64::from(fraction_bits) <= i64::from(self.fraction)
    }

    /// The distance between the numbers around x.
    pub(super) fn spacing(self, x: f64) -> f64 {
        let octave = if x == 0.0 { self.smallest } else { x.abs().log2().floor() as i32 - self.fraction };
        2f64.powi(octave.max(self.smallest))
    }

    /// The number nearest to x.
    pub(super) fn nearest(self, x: f64) -> f64 {
        let spacing = self.spacing(x);
        if spacing == 0.0 || !x.is_finite() { x } else { (x / spacing).round_ties_even() * spacing }
    }

    /// The probability that two values of a continuous distribution are equal, or that one is zero, at most: generators draw
    /// a uniform number of as many bits as the type has, and Box-Muller makes one value of two of them.
    pub(super) fn coincidence(self) -> f64 {
        4.0 * self.grid()
    }

    /// The step of uniform numbers on [0, 1) that are drawn in this type.
    pub(super) fn grid(self) -> f64 {
        2f64.powi(-self.fraction - 1)
    }

    /// The relative error of a variance that rounding may cause, for numbers of this size: of the order of the square of the
    /// spacing, as in Sheppard's correction.
    pub(super) fn variance_error(self, std: f64) -> f64 {
        0.5 * (self.spacing(std) / std).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_nearest_numbers_are_those_of_the_types(x in -70000.0..70000.0_f64, shift in -140..5_i32) {
            let x = x * 2f64.powi(shift);
            let nearest = |dtype| Precision::of(&dtype).unwrap().nearest(x);
            prop_assert_eq!(nearest(Dtype::F32), f64::from(x as f32));
            prop_assert_eq!(nearest(Dtype::Bf16), crate::testing::half::bf16::from_f64(x).to_f64());
            if x.abs() < 65504.0 {
                prop_assert_eq!(nearest(Dtype::F16), crate::testing::half::f16::from_f64(x).to_f64());
            }
        }
    }
}
