//! One number about one place of a network.

/// How the values of a statistic are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "baseline", derive(serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum ComparisonScale {
    /// As they are: means, shares, counts, whatever may be negative.
    Linear,
    /// By their logarithm: magnitudes, of which factors matter, as deviations, norms and maxima.
    Log,
}

/// One number about one place of a network, at one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// The layer or parameter: `Layer 1`, `W1`.
    pub location: String,
    /// What was measured there: `activation std`.
    pub name: String,
    /// The number; NaN and infinity are counted apart.
    pub value: f64,
    /// How it is compared.
    pub scale: ComparisonScale,
    /// Differences up to this are rounding, in the value's unit: 0 unless set. At the logarithmic scale, values
    /// up to this count as zeros.
    pub rounding: f64,
}

impl Statistic {
    /// A number that is compared as it is.
    pub fn linear(location: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        Self {
            location: location.into(),
            name: name.into(),
            value,
            scale: ComparisonScale::Linear,
            rounding: 0.0,
        }
    }

    /// A magnitude that is compared by its logarithm; zero and what is below are counted apart.
    pub fn log(location: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        Self { scale: ComparisonScale::Log, ..Self::linear(location, name, value) }
    }

    /// The statistic with an absolute tolerance beside the relative one, for a value that cancels to about 0:
    /// `1e-6 * std` for the mean after layer norm in single precision.
    #[must_use]
    pub fn rounding(self, rounding: f64) -> Self {
        Self { rounding, ..self }
    }
}
