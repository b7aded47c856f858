//! What theory promises of a scheme.

use crate::weight::Weight;
use crate::{InitError, Layout, Scheme, pattern};

/// The first four moments of a value at a random place of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `E x`.
    pub mean: f64,
    /// `σ = √(E (x − mean)²)`.
    pub std: f64,
    /// `E (x − mean)³/σ³`; 0 for every symmetric law, NaN where σ is 0.
    pub skew: f64,
    /// `E (x − mean)⁴/σ⁴`: 3 for the normal law, 9/5 for the uniform; NaN where σ is 0.
    pub kurtosis: f64,
}

impl Scheme {
    /// The first four moments that theory promises of a tensor of `shape`.
    ///
    /// The values of most schemes are independent; those of orthogonal, sparse and identity schemes are not, and
    /// theirs are the moments of a place picked at random.
    ///
    /// # Errors
    /// As [`fill`](Self::fill), but for the slice.
    pub fn moments(self, shape: &[usize], layout: Layout) -> Result<Moments, InitError> {
        let plain = self.resolved(shape, layout)?;
        self.check::<f64>(plain)?;
        let weight = || Weight::of(self, shape, layout);
        Ok(match plain {
            Self::Constant(value) => Moments::symmetric(value, 0.0, f64::NAN),
            Self::Normal { mean, std } => Moments::symmetric(mean, std, 3.0),
            Self::Uniform { lo, hi } => Moments::symmetric((lo + hi) / 2.0, (hi - lo) / 12f64.sqrt(), 1.8),
            Self::TruncatedNormal { mean, std, lo, hi } => Moments::truncated(mean, std, lo, hi),
            Self::Orthogonal { gain } => {
                let weight = weight()?;
                Moments::rotation(gain.value(), weight.outs().max(weight.summands()))
            }
            Self::DeltaOrthogonal { gain } => {
                let weight = weight()?;
                Moments::rotation(gain.value(), weight.outs()).thinned(1.0 / weight.kernel() as f64)
            }
            Self::Identity { gain } => {
                let weight = weight()?;
                Moments::ones(gain.value(), weight.outs().min(weight.ins()), &weight)
            }
            Self::Dirac { groups, gain } => {
                let weight = weight()?;
                Moments::ones(gain.value(), groups * (weight.outs() / groups).min(weight.ins()), &weight)
            }
            Self::Sparse { sparsity, std } => {
                let outs = weight()?.outs();
                let kept = 1.0 - pattern::zeros(sparsity, outs) as f64 / outs as f64;
                Moments::symmetric(0.0, std, 3.0).thinned(kept)
            }
            Self::Scaled(_) => unreachable!("resolved above"),
        })
    }
}

impl Moments {
    /// A symmetric law's.
    fn symmetric(mean: f64, std: f64, kurtosis: f64) -> Self {
        let degenerate = std == 0.0;
        let [skew, kurtosis] = if degenerate { [f64::NAN; 2] } else { [0.0, kurtosis] };
        Self { mean, std, skew, kurtosis }
    }

    /// `N(mean, std²)` between two bounds, by quadrature: the closed forms lose their digits in the tails.
    fn truncated(mean: f64, std: f64, lo: f64, hi: f64) -> Self {
        if std == 0.0 || lo == hi {
            return Self::symmetric(mean.clamp(lo, hi), 0.0, f64::NAN);
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

    /// A value of `gain·Q`, Q with orthonormal vectors of n values: `E q² = 1/n`, `E q⁴ = 3/(n(n + 2))`, since a
    /// row of Q is uniform on the sphere.
    fn rotation(gain: f64, n: usize) -> Self {
        let n = n as f64;
        Self::symmetric(0.0, gain.abs() / n.sqrt(), 3.0 * n / (n + 2.0))
    }

    /// The same law with a share of `kept`, and 0 in place of the others; for a mean of 0.
    fn thinned(self, kept: f64) -> Self {
        Self::symmetric(0.0, self.std * kept.sqrt(), self.kurtosis / kept)
    }

    /// `gain` at `count` places of each batch of a weight, 0 at the others.
    fn ones(gain: f64, count: usize, weight: &Weight) -> Self {
        let p = count as f64 / (weight.outs() * weight.summands()) as f64;
        let spread = p * (1.0 - p);
        if spread == 0.0 || gain == 0.0 {
            return Self::symmetric(gain * p, 0.0, f64::NAN);
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
