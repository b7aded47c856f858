//! Variances that fans decide.

use std::fmt;
use std::str::FromStr;

use crate::{FanMode, Fans, Gain, ParseError, Scheme};

/// `Var w = gain²/fan`: the algebra that spans LeCun, Xavier and Kaiming.
///
/// It is JAX's and Keras' `variance_scaling(scale, mode, distribution)` with `scale = gain²`, and PyTorch's
/// `xavier_*` and `kaiming_*`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    /// What makes up for the activation's loss of variance: 1 for none.
    pub gain: Gain,
    /// Which fan.
    pub mode: FanMode,
    /// Which distribution.
    pub distribution: Distribution,
}

/// The distribution of a [`VarianceScaling`], mean 0 and standard deviation σ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distribution {
    /// `N(0, σ²)`: PyTorch's "normal".
    Normal,
    /// `U[−√3·σ, √3·σ)`.
    Uniform,
    /// `N(0, (σ/c)²)` cut off at two of its own deviations, `c` = 0.8796… such that σ is left: Keras' and
    /// JAX's "normal".
    TruncatedNormal,
}

/// The standard deviation of N(0, 1) cut off at ±2; the digits that Keras and JAX divide by.
pub(crate) const CUT_AT_TWO: f64 = 0.879_625_661_034_239_8;

impl VarianceScaling {
    /// `σ = gain/√fan`.
    pub fn std(self, fans: Fans) -> f64 {
        let (gain, fan) = (self.gain.value(), fans.by(self.mode));
        match self.mode {
            // The order of roundings that torch.nn.init has: its values are compared bit for bit.
            FanMode::FanAvg => gain * (1.0 / fan).sqrt(),
            _ => gain / fan.sqrt(),
        }
    }

    /// The scheme that is left when the fans are known.
    pub fn at(self, fans: Fans) -> Scheme {
        let std = self.std(fans);
        match self.distribution {
            Distribution::Normal => Scheme::Normal { mean: 0.0, std },
            Distribution::Uniform => {
                let bound = 3f64.sqrt() * std;
                Scheme::Uniform { lo: -bound, hi: bound }
            }
            Distribution::TruncatedNormal => Scheme::truncated_normal_corrected(std),
        }
    }
}

impl Distribution {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Uniform, Self::TruncatedNormal];

    fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Uniform => "uniform",
            Self::TruncatedNormal => "truncated_normal",
        }
    }
}

/// The name that [`FromStr`] reads: `truncated_normal`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Distribution {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::text::named("distribution", text, &Self::ALL, Self::name)
    }
}
