//! Variance scaling: a variance that the fans decide.

use std::fmt;
use std::str::FromStr;

use crate::error::named;
use crate::{FanMode, Fans, Gain, ParseError, Scheme};

/// `Var w = gain²/fan`: the algebra that spans LeCun, Xavier and Kaiming.
///
/// This is `variance_scaling(scale, mode, distribution)` of JAX and Keras with `scale = gain²`, and PyTorch's
/// `xavier_*` and `kaiming_*`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    /// The factor that compensates for the activation; 1 for none.
    pub gain: Gain,
    /// The fan that divides the variance.
    pub mode: FanMode,
    /// The distribution of the values.
    pub distribution: Distribution,
}

/// The distribution of a [`VarianceScaling`], with mean 0 and standard deviation σ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distribution {
    /// `N(0, σ²)`: PyTorch's "normal".
    Normal,
    /// `U[−√3·σ, √3·σ)`.
    Uniform,
    /// `N(0, (σ/c)²)` truncated at two of its own standard deviations, with `c` = 0.8796… such that the standard
    /// deviation after truncation is σ. `he_normal`, `glorot_normal` and `lecun_normal` of Keras and JAX have it.
    TruncatedNormal,
}

/// The standard deviation of N(0, 1) truncated at ±2; the digits that Keras and JAX divide by.
pub(crate) const STD_TRUNCATED_AT_TWO: f64 = 0.879_625_661_034_239_8;

impl VarianceScaling {
    /// `σ = gain/√fan`.
    pub fn std(self, fans: Fans) -> f64 {
        let (gain, fan) = (self.gain.value(), fans.by(self.mode));
        match self.mode {
            // The same order of roundings as in torch.nn.init, whose values are compared bit for bit.
            FanMode::FanAvg => gain * (1.0 / fan).sqrt(),
            _ => gain / fan.sqrt(),
        }
    }

    /// The scheme without fans that this one becomes for a weight with these fans.
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
    /// All distributions.
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
        named("distribution", text, &Self::ALL, Self::name)
    }
}
