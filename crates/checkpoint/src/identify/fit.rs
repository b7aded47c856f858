//! How well a family of distributions fits the values of a tensor.

use gaussian::cdf;
use nn_init::{Layout, Scheme};

use super::family::DrawnFamily;
use super::sample::DrawnSample;
use crate::judge::{ExpectedBins, Population};

/// A family of distributions that was fitted to a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyFit {
    /// The family.
    pub family: DrawnFamily,
    /// The mean: 0 unless the values say otherwise.
    pub mean: f64,
    /// The scale: the standard deviation of a normal distribution, before truncation; the bound of a uniform one.
    pub scale: f64,
    /// The standard error of the scale.
    pub scale_error: f64,
    /// The logarithm of the likelihood of the histogram between the smallest and the largest value.
    pub log_likelihood: f64,
    /// The probability that values of this family deviate from it as much in their histogram or at their ends.
    pub p_value: f64,
}

impl FamilyFit {
    /// The standard deviation of the fitted distribution.
    pub fn std(&self) -> f64 {
        self.scale * self.family.std()
    }
}

/// A mean that is so many standard errors from 0 is one; beyond chance for millions of tensors.
const MEAN_ERRORS: f64 = 6.0;

impl FamilyFit {
    /// Fits the scale of a family.
    pub(super) fn of(family: DrawnFamily, sample: &DrawnSample) -> Self {
        let mean = centre(family, sample);
        let (scale, relative) = scale(family, sample, mean);
        let fit =
            Self { family, mean, scale, scale_error: scale * relative, log_likelihood: 0.0, p_value: 1.0 };
        let [shape, kurtosis] = fit.shape_p(sample);
        let p_values = [shape, kurtosis, fit.reach_p(sample), fit.std_p(sample)];
        let smallest = p_values.into_iter().fold(1.0, f64::min);
        Self {
            log_likelihood: fit.log_likelihood(sample),
            p_value: (smallest * p_values.len() as f64).min(1.0),
            ..fit
        }
    }

    /// Fits a normal distribution with tails cut where the values end. `None` unless it is between a uniform distribution and
    /// a normal one.
    pub(super) fn free_cut(sample: &DrawnSample) -> Option<Self> {
        let mean = centre(DrawnFamily::Normal, sample);
        let ratio = sample.std / sample.reach(mean);
        let at = |cut: f64| DrawnFamily::Truncated { cut }.std() / cut;
        let (mut lo, mut hi) = (0.5, 5.0);
        if !(at(hi)..at(lo)).contains(&ratio) {
            return None;
        }
        // The ratio falls with the cut.
        for _ in 0..60 {
            let middle = (lo + hi) / 2.0;
            if at(middle) > ratio {
                lo = middle;
            } else {
                hi = middle;
            }
        }
        Some(Self::of(DrawnFamily::Truncated { cut: lo }, sample))
    }

    fn probability(&self, lo: f64, hi: f64) -> f64 {
        self.family.mass((lo - self.mean) / self.scale, (hi - self.mean) / self.scale)
    }

    /// The scheme of the fitted distribution.
    fn scheme(&self) -> Scheme {
        let Self { family, mean, scale, .. } = *self;
        let (lo, hi) = (mean - scale * family.bound(), mean + scale * family.bound());
        match family {
            DrawnFamily::Normal => Scheme::Normal { mean, std: scale },
            DrawnFamily::Uniform => Scheme::Uniform { lo, hi },
            DrawnFamily::Truncated { .. } => Scheme::TruncatedNormal { mean, std: scale, lo, hi },
        }
    }

    /// Bounds of the p-values of the histogram and of the kurtosis, as checks have them.
    fn shape_p(&self, sample: &DrawnSample) -> [f64; 2] {
        let Ok(Some(population)) = Population::of(self.scheme(), &[1], Layout::OUT_IN) else {
            return [1.0; 2];
        };
        let bins = ExpectedBins::new(population, &sample.histogram, &sample.dtype, sample.left_out);
        [bins.p_of_shape(), bins.p_of_kurtosis()]
    }

    /// The p-value of the value that is farthest from the mean.
    fn reach_p(&self, sample: &DrawnSample) -> f64 {
        let reach = sample.reach(self.mean);
        let widened = reach * (1.0 + sample.rounding()) / self.scale;
        let narrowed = reach * (1.0 - sample.rounding()) / self.scale;
        // The logarithm of the probability that no value is farther.
        let none = |x: f64| sample.count * (-self.family.mass(x, f64::INFINITY) * 2.0).ln_1p();
        let too_near = none(widened).exp();
        let too_far = -none(narrowed).exp_m1();
        (2.0 * too_near.min(if self.family == DrawnFamily::Normal { too_far } else { 1.0 })).min(1.0)
    }

    /// The p-value of the standard deviation beside that which the scale implies, for families whose scale is known from the
    /// bound.
    fn std_p(&self, sample: &DrawnSample) -> f64 {
        if self.family == DrawnFamily::Normal {
            return 1.0;
        }
        let error = std_error(self.family, sample.count).hypot(self.scale_error / self.scale);
        two_sided((sample.std / self.std()).ln() / error)
    }

    fn log_likelihood(&self, sample: &DrawnSample) -> f64 {
        // Where the outermost bins end is known from the range.
        let half = |x: f64| x.abs() * sample.rounding();
        let (min, max) = (sample.min - half(sample.min), sample.max + half(sample.max));
        let bins = sample.bins.iter();
        bins.map(|bin| {
            let mass = self.probability(bin.lower.max(min), bin.upper.min(max));
            bin.count as f64 * mass.ln()
        })
        .sum()
    }
}

/// The mean: 0, unless the values' mean is too far from it.
fn centre(family: DrawnFamily, sample: &DrawnSample) -> f64 {
    match family {
        DrawnFamily::Uniform => {
            let gap = 20.0 / sample.count + 2.0 * sample.rounding();
            let is_centred = (sample.min + sample.max).abs() <= gap * sample.reach(0.0);
            if is_centred { 0.0 } else { (sample.min + sample.max) / 2.0 }
        }
        _ => {
            let is_centred = sample.mean.abs() <= MEAN_ERRORS * sample.std / sample.count.sqrt();
            if is_centred { 0.0 } else { sample.mean }
        }
    }
}

/// The relative standard error of a standard deviation.
pub(super) fn std_error(family: DrawnFamily, count: f64) -> f64 {
    ((family.kurtosis() - 1.0) / (4.0 * (count - 1.0).max(1.0))).sqrt()
}

/// The scale of a family and its relative standard error: from the standard deviation, or from the bound where that is known
/// better. The values end before the bound by an exponential gap.
fn scale(family: DrawnFamily, sample: &DrawnSample, mean: f64) -> (f64, f64) {
    let spread = if mean == 0.0 { sample.std.hypot(sample.mean) } else { sample.std };
    let by_std = (spread / family.std(), std_error(family, sample.count));
    let bound = family.bound();
    if bound.is_infinite() {
        return by_std;
    }
    let gap = 1.0 / (sample.count * family.density_at_bound()) / bound;
    let reach = sample.reach(mean) / bound;
    let by_reach = (reach * (1.0 + gap), gap.hypot(sample.rounding() / 3f64.sqrt()));
    if by_reach.1 < by_std.1 || family == DrawnFamily::Uniform {
        by_reach
    } else {
        (by_std.0.max(reach), by_std.1)
    }
}

/// The probability of a normal number so far from 0.
pub(super) fn two_sided(z: f64) -> f64 {
    2.0 * cdf(-z.abs())
}
