//! How well a scheme agrees with the scale of a tensor.

use nn_init::Scheme;

use super::family::DrawnFamily;
use super::fit::{FamilyFit, std_error};

/// A tensor of independent values, as far as schemes are chosen by it.
#[derive(Clone, Debug)]
pub(super) struct GroupMember<'a> {
    /// Its place in the file.
    pub(super) at: usize,
    pub(super) shape: &'a [usize],
    /// The shape of the weight beside a bias.
    pub(super) weight_shape: Option<&'a [usize]>,
    /// The number of drawn values.
    pub(super) count: f64,
    /// The largest distance from 0.
    pub(super) reach: f64,
    /// The relative rounding of its type.
    pub(super) rounding: f64,
    /// The number of zeros outside rows of zeros.
    pub(super) zeros: usize,
    pub(super) fits: &'a [FamilyFit],
}

/// The agreement of a scheme with one tensor.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScaleEvidence {
    /// The logarithm of the likelihood of the values over that of the likeliest family with a scale of its own.
    pub(super) log_likelihood: f64,
    /// The distance of the scale from that of the scheme, in standard errors.
    pub(super) deviation: f64,
}

/// A scale so many standard errors from a scheme's is another one.
const ERRORS: f64 = 5.0;

/// The probability below which values end too far before a bound.
const TOO_NEAR: f64 = 1e-7;

impl GroupMember<'_> {
    /// The evidence for a scheme without fans, or `None` if the values contradict it.
    pub(super) fn evidence(&self, scheme: Scheme) -> Option<ScaleEvidence> {
        let (family, mean, scale) = distribution(scheme)?;
        let fit = self.fits.iter().find(|fit| fit.family == family || is_same_cut(fit.family, family))?;
        let sparse = match scheme {
            Scheme::Sparse { sparsity, .. } => self.zeros == sparse_zeros(sparsity, self.shape)?,
            _ => self.zeros == 0,
        };
        let has_mean = (fit.mean - mean).abs() <= ERRORS * fit.std() / self.count.sqrt();
        if !sparse || !has_mean {
            return None;
        }
        let error = std_error(family, self.count).hypot(self.rounding / self.count.sqrt());
        let mut deviation = (fit.scale / scale).ln() / error;
        let mut log_likelihood = -0.5 * deviation * deviation;
        if family.bound().is_finite() {
            let reach = (self.reach - mean.abs()) / (scale * family.bound());
            if reach > 1.0 + 1.01 * self.rounding {
                return None;
            }
            // The probability that no value is closer to the bound, before rounding.
            let farthest = (reach * (1.0 + self.rounding)).min(1.0) * family.bound();
            let nearness = self.count * (-2.0 * family.mass(farthest, f64::INFINITY)).ln_1p();
            if nearness < TOO_NEAR.ln() {
                return None;
            }
            if fit.scale_error / fit.scale < error {
                // The bound says more than the standard deviation.
                (log_likelihood, deviation) = (nearness, 0.0);
            }
        }
        // Beside the likeliest family, so that tensors of any size count alike.
        let best = self.fits.iter().map(|fit| fit.log_likelihood).fold(f64::NEG_INFINITY, f64::max);
        (deviation.abs() <= ERRORS).then_some(ScaleEvidence {
            log_likelihood: fit.log_likelihood - best + log_likelihood,
            deviation: deviation.abs(),
        })
    }
}

/// The family, the mean and the scale of a scheme without fans, if it draws independent values.
pub(super) fn distribution(scheme: Scheme) -> Option<(DrawnFamily, f64, f64)> {
    match scheme {
        Scheme::Normal { mean, std } => Some((DrawnFamily::Normal, mean, std)),
        Scheme::Uniform { lo, hi } => Some((DrawnFamily::Uniform, (lo + hi) / 2.0, (hi - lo) / 2.0)),
        Scheme::TruncatedNormal { mean, std, hi, .. } => {
            Some((DrawnFamily::Truncated { cut: (hi - mean) / std }, mean, std))
        }
        Scheme::Sparse { std, .. } => Some((DrawnFamily::Normal, 0.0, std)),
        _ => None,
    }
}

/// True for cuts that are equal up to their rounding.
fn is_same_cut(a: DrawnFamily, b: DrawnFamily) -> bool {
    match (a, b) {
        (DrawnFamily::Truncated { cut: a }, DrawnFamily::Truncated { cut: b }) => (a / b - 1.0).abs() < 0.01,
        _ => false,
    }
}

/// The number of zeros of `sparse(sparsity, …)`: in each column of `[out, in]`, so many of the outputs.
fn sparse_zeros(sparsity: f64, shape: &[usize]) -> Option<usize> {
    let [outputs, inputs] = shape else { return None };
    Some((sparsity * *outputs as f64).ceil() as usize * inputs)
}
