//! The quantities that statistics measure.

use super::ComparisonScale;
use crate::format::{fixed, scientific, signed, significant};

/// The quantity that a statistic measures. It decides the text in tables and the scale at which baselines compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// A mean in the unit of the values, which may cancel to 0.
    Mean,
    /// One value in that unit, of either sign.
    Value,
    /// A magnitude in that unit, such as a std.
    Magnitude,
    /// A magnitude in that unit that is often far below 1, as that of a gradient.
    SmallMagnitude,
    /// The length of all values as a vector.
    Norm,
    /// A number without a unit, such as a skewness.
    Number,
    /// A ratio of magnitudes.
    Ratio,
    /// A share of values, from 0 to 1; a percentage in tables.
    ValueShare,
    /// A share of units, from 0 to 1; a percentage in tables, and empty if it is 0.
    UnitShare,
    /// A number of values; empty in tables if it is 0.
    Count,
    /// A number of directions.
    Directions,
    /// A cosine, from −1 to 1.
    Cosine,
    /// A cross-entropy in nats.
    Nats,
    /// A rate of growth in nats per layer.
    NatsPerLayer,
    /// A number of layers.
    Layers,
    /// An eigenvalue of a curvature, or a learning rate.
    Curvature,
}

impl Quantity {
    /// The value as text in a table.
    pub(super) fn text(self, value: f64) -> String {
        match self {
            Self::UnitShare | Self::Count if value == 0.0 => String::new(),
            Self::Mean | Self::Value => signed(value, 4),
            Self::Magnitude | Self::Nats => fixed(value, 4),
            Self::SmallMagnitude => scientific(value, 2),
            Self::Norm => scientific(value, 3),
            Self::Ratio => scientific(value, 1),
            Self::ValueShare | Self::UnitShare => format!("{}%", fixed(100.0 * value, 1)),
            Self::Count => fixed(value, 0),
            Self::Directions => fixed(value, 1),
            Self::Cosine | Self::Number => fixed(value, 2),
            Self::NatsPerLayer | Self::Layers | Self::Curvature => significant(value, 3),
        }
    }

    /// The scale at which baselines compare the values.
    pub(super) fn scale(self) -> ComparisonScale {
        match self {
            Self::Magnitude | Self::SmallMagnitude | Self::Norm | Self::Ratio | Self::Directions => {
                ComparisonScale::Log
            }
            _ => ComparisonScale::Linear,
        }
    }
}
