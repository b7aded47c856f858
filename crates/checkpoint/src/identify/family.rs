//! The families of distributions that initialisations draw from.

use std::fmt;

use gaussian::{cdf, pdf};

/// A family of distributions around a mean, whose one parameter is a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DrawnFamily {
    /// The normal distribution; its scale is the standard deviation.
    Normal,
    /// The uniform distribution; its scale is half the width, the bound of one around 0.
    Uniform,
    /// The normal distribution without its tails; its scale is the standard deviation before truncation.
    Truncated {
        /// The bound in units of the scale: 2 in Keras, JAX and Flax.
        cut: f64,
    },
}

impl DrawnFamily {
    /// The families that libraries use, in the order of their frequency.
    pub(super) const COMMON: [Self; 4] =
        [Self::Normal, Self::Uniform, Self::Truncated { cut: 2.0 }, Self::Truncated { cut: 3.0 }];

    /// The largest distance of a value from the mean in units of the scale; ∞ for the normal distribution.
    pub fn bound(self) -> f64 {
        match self {
            Self::Normal => f64::INFINITY,
            Self::Uniform => 1.0,
            Self::Truncated { cut } => cut,
        }
    }

    /// The standard deviation in units of the scale.
    ///
    /// ```
    /// let cut_at_two = checkpoint::DrawnFamily::Truncated { cut: 2.0 };
    /// assert!((cut_at_two.std() - 0.879_625_661_034).abs() < 1e-12);
    /// ```
    pub fn std(self) -> f64 {
        match self {
            Self::Normal => 1.0,
            Self::Uniform => 3f64.sqrt().recip(),
            Self::Truncated { cut } => (1.0 - 2.0 * cut * pdf(cut) / inside(cut)).sqrt(),
        }
    }

    /// The kurtosis: 3 for the normal distribution.
    pub fn kurtosis(self) -> f64 {
        match self {
            Self::Normal => 3.0,
            Self::Uniform => 1.8,
            Self::Truncated { cut } => {
                let fourth = 3.0 - 2.0 * pdf(cut) * (cut * cut * cut + 3.0 * cut) / inside(cut);
                fourth / self.std().powi(4)
            }
        }
    }

    /// The probability of the values from `lo` to `hi`, in units of the scale from the mean.
    pub(super) fn mass(self, lo: f64, hi: f64) -> f64 {
        let bound = self.bound();
        let (lo, hi) = (lo.clamp(-bound, bound), hi.clamp(-bound, bound));
        match self {
            Self::Normal => between(lo, hi),
            Self::Uniform => (hi - lo) / 2.0,
            Self::Truncated { cut } => between(lo, hi) / inside(cut),
        }
    }

    /// The density at the bound, both ends together, in units of the scale.
    pub(super) fn density_at_bound(self) -> f64 {
        match self {
            Self::Normal => 0.0,
            Self::Uniform => 1.0,
            Self::Truncated { cut } => 2.0 * pdf(cut) / inside(cut),
        }
    }
}

/// The probability of a normal value between two, from the tail on whose side they are. Close ones take the density, where the
/// difference would cancel; the error is below 10⁻⁹ of it.
fn between(lo: f64, hi: f64) -> f64 {
    if hi - lo < 1e-5 {
        pdf((lo + hi) / 2.0) * (hi - lo)
    } else if lo > 0.0 {
        cdf(-lo) - cdf(-hi)
    } else {
        cdf(hi) - cdf(lo)
    }
}

fn inside(cut: f64) -> f64 {
    1.0 - 2.0 * cdf(-cut)
}

/// `normal`, `uniform`, `normal truncated at 2 std`.
impl fmt::Display for DrawnFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Uniform => f.write_str("uniform"),
            Self::Truncated { cut } => write!(f, "normal truncated at {} std", (cut * 100.0).round() / 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// nn-init computes the same moments by quadrature.
    #[test]
    fn moments_are_those_of_schemes() {
        for cut in [0.5, 1.0, 2.0, 3.0, 6.0] {
            let family = DrawnFamily::Truncated { cut };
            let scheme = nn_init::Scheme::truncated_normal_in_sigmas(1.0, -cut, cut);
            let expected = scheme.moments(&[1], nn_init::Layout::OUT_IN).unwrap();
            assert!((family.std() / expected.std - 1.0).abs() < 1e-9, "{cut}");
            assert!((family.kurtosis() / expected.kurtosis - 1.0).abs() < 1e-9, "{cut}");
        }
    }

    #[test]
    fn mass_is_one_in_all() {
        for family in DrawnFamily::COMMON {
            assert!((family.mass(f64::NEG_INFINITY, f64::INFINITY) - 1.0).abs() < 1e-15, "{family}");
            let parts = family.mass(-9.0, 0.3) + family.mass(0.3, 0.7) + family.mass(0.7, 9.0);
            assert!((parts - 1.0).abs() < 1e-15, "{family}");
        }
    }
}
