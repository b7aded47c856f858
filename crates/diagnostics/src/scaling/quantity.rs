//! Measured quantities of a network, and the size with which they grow.

use std::fmt;

/// The size that differs between the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScalingAxis {
    /// The units of a layer.
    Width,
    /// The layers or blocks.
    Depth,
}

impl fmt::Display for ScalingAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Width => "width",
            Self::Depth => "depth",
        })
    }
}

/// The place of a quantity in the network, by which tables of expectations find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ScalingRole {
    /// A layer that reads inputs of a fixed size: the first layer, or an embedding.
    Input,
    /// A layer that reads a layer: the second and all later hidden layers, or the residual stream.
    Hidden,
    /// The network's outputs, of a fixed size.
    Logits,
    /// Anything else; it is judged by its name alone.
    Other,
}

/// The number that is measured of a quantity's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScalingAspect {
    /// Their root mean square.
    Size,
    /// The root mean square of their change since step 0.
    Change,
}

/// A named quantity of a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScaledQuantity {
    /// Its place.
    pub role: ScalingRole,
    /// The layer, or another name that is the same at all sizes.
    pub name: String,
    /// The number that is measured.
    pub aspect: ScalingAspect,
}

impl fmt::Display for ScaledQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.aspect {
            ScalingAspect::Size => f.write_str(&self.name),
            ScalingAspect::Change => write!(f, "change of {}", self.name),
        }
    }
}
