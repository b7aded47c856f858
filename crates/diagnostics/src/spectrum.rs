//! Singular values of a Jacobian.

use std::fmt;

use tensor::Real;

use crate::{Summary, significant};

/// What the singular values of a network's input–output Jacobian say: how much it stretches a small change of its input,
/// in the direction where it does so most, least, and on average. All 1 is dynamical isometry (Saxe et al. 2014;
/// Pennington et al. 2017).
///
/// ```
/// use diagnostics::Spectrum;
/// let spectrum = Spectrum::of(&[2.0_f64, 1.0, 0.5]);
/// assert_eq!((spectrum.largest, spectrum.smallest, spectrum.condition()), (2.0, 0.5, 4.0));
/// assert!((spectrum.mean_square - 1.75).abs() < 1e-15); // the mean of σ²
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum {
    /// Singular values.
    pub count: u64,
    /// The largest; NaN of nothing.
    pub largest: f64,
    /// The smallest; NaN of nothing.
    pub smallest: f64,
    /// The mean of their squares: what happens to the squared length of a change in a random direction.
    pub mean_square: f64,
}

impl Spectrum {
    /// Of singular values in any order; all NaN if one of them is not finite.
    pub fn of<T: Real>(values: &[T]) -> Self {
        let summary = Summary::of(values);
        let count = values.len() as u64;
        if summary.count == 0 || summary.non_finite > 0 {
            return Self { count, largest: f64::NAN, smallest: f64::NAN, mean_square: f64::NAN };
        }
        Self { count, largest: summary.max, smallest: summary.min, mean_square: summary.mean_square() }
    }

    /// `largest/smallest`, infinite where a direction is lost.
    pub fn condition(&self) -> f64 {
        self.largest / self.smallest
    }
}

impl fmt::Display for Spectrum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high, root] =
            [self.smallest, self.largest, self.mean_square.sqrt()].map(|x| significant(x, 3));
        write!(f, "{} singular values from {low} to {high}, root mean square {root}", self.count)
    }
}
