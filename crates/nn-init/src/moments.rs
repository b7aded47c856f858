//! The moments that theory expects of a scheme.

use crate::weight::Weight;
use crate::{InitError, Layout, Scheme, pattern};

/// The first four moments of the value at a random index of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `E x`.
    pub mean: f64,
    /// `σ = √(E (x − mean)²)`.
    pub std: f64,
    /// `E (x − mean)³/σ³`; 0 for every symmetric distribution, NaN if σ is 0.
    pub skew: f64,
    /// `E (x − mean)⁴/σ⁴`: 3 for the normal distribution, 9/5 for the uniform; NaN if σ is 0.
    pub kurtosis: f64,
}

impl Scheme {
    /// The expected moments of a tensor of `shape`.
    ///
    /// The values of most schemes are independent. Those of orthogonal, sparse and identity schemes are not, and their
    /// moments are those of an index picked at random.
    ///
    /// # Errors
    /// See [`fill`](Self::fill); there is no slice to refuse.
    pub fn moments(self, shape: &[usize], layout: Layout) -> Result<Moments, InitError> {
        let resolved = self.resolved(shape, layout)?;
        self.check_parameters(resolved, f64::MAX)?;
        let weight = || self.weight(shape, layout);
        Ok(match resolved {
            Self::Constant(value) => Moments::constant(value),
            Self::Normal { mean, std } => Moments::symmetric(mean, std, 3.0),
            Self::Uniform { lo, hi } => Moments::symmetric((lo + hi) / 2.0, (hi - lo) / 12f64.sqrt(), 1.8),
            Self::TruncatedNormal { mean, std, lo, hi } => Moments::truncated(mean, std, lo, hi),
            Self::Orthogonal { gain } => {
                let weight = weight()?;
                Moments::rotation(gain.value(), weight.outputs().max(weight.summands()))
            }
            Self::DeltaOrthogonal { gain } => {
                let weight = weight()?;
                let centre = Moments::rotation(gain.value(), weight.outputs());
                centre.mixed_with_zeros(1.0 / weight.kernel() as f64)
            }
            Self::Identity { gain } => {
                let weight = weight()?;
                Moments::ones(gain.value(), weight.outputs().min(weight.inputs()), &weight)
            }
            Self::Dirac { groups, gain } => {
                let weight = weight()?;
                let ones = groups * (weight.outputs() / groups).min(weight.inputs());
                Moments::ones(gain.value(), ones, &weight)
            }
            Self::Sparse { sparsity, std } => {
                let outputs = weight()?.outputs();
                let kept = 1.0 - pattern::zeros(sparsity, outputs) as f64 / outputs as f64;
                Moments::symmetric(0.0, std, 3.0).mixed_with_zeros(kept)
            }
            Self::Scaled(_) => unreachable!("resolved above"),
        })
    }
}

impl Moments {
    /// The moments of a single value.
    fn constant(value: f64) -> Self {
        Self { mean: value, std: 0.0, skew: f64::NAN, kurtosis: f64::NAN }
    }

    /// The moments of a symmetric distribution.
    fn symmetric(mean: f64, std: f64, kurtosis: f64) -> Self {
        if std == 0.0 { Self::constant(mean) } else { Self { mean, std, skew: 0.0, kurtosis } }
    }

    /// The moments of `N(mean, std²)` between two bounds, by quadrature: the closed forms lose their digits in the
    /// tails.
    fn truncated(mean: f64, std: f64, lo: f64, hi: f64) -> Self {
        if std == 0.0 || lo == hi {
            return Self::constant(mean.clamp(lo, hi));
        }
        let expectation = |f: &dyn Fn(f64) -> f64| {
            gaussian::expectation_within((lo - mean) / std, (hi - mean) / std, &[], f)
        };
        let centre = expectation(&|z| z);
        let [variance, third, fourth] = [2, 3, 4].map(|power| expectation(&|z| (z - centre).powi(power)));
        let sigma = variance.sqrt();
        Self {
            mean: mean + std * centre,
            std: std * sigma,
            skew: third / (variance * sigma),
            kurtosis: fourth / (variance * variance),
        }
    }

    /// The moments of `gain·Q`, with Q of orthonormal vectors of n values: `E q² = 1/n` and `E q⁴ = 3/(n(n + 2))`,
    /// because a row of Q is uniform on the sphere.
    fn rotation(gain: f64, n: usize) -> Self {
        let n = n as f64;
        Self::symmetric(0.0, gain.abs() / n.sqrt(), 3.0 * n / (n + 2.0))
    }

    /// The moments after a fraction `1 − kept` of the values has become 0; for a mean of 0.
    fn mixed_with_zeros(self, kept: f64) -> Self {
        Self::symmetric(0.0, self.std * kept.sqrt(), self.kurtosis / kept)
    }

    /// The moments of `gain` at `count` indices of each batch and 0 at the others.
    fn ones(gain: f64, count: usize, weight: &Weight) -> Self {
        let p = count as f64 / (weight.outputs() * weight.summands()) as f64;
        let spread = p * (1.0 - p);
        if spread == 0.0 || gain == 0.0 {
            return Self::constant(gain * p);
        }
        Self {
            mean: gain * p,
            std: gain.abs() * spread.sqrt(),
            skew: gain.signum() * (1.0 - 2.0 * p) / spread.sqrt(),
            kurtosis: 1.0 / spread - 3.0,
        }
    }

    /// `σ²`.
    pub fn variance(self) -> f64 {
        self.std * self.std
    }
}
