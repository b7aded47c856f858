//! What theory promises of a scheme.

/// The first four moments of a law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `E x`.
    pub mean: f64,
    /// `E (x − mean)²`.
    pub variance: f64,
    /// `E (x − mean)³/σ³`; 0 for every symmetric law.
    pub skew: f64,
    /// `E (x − mean)⁴/σ⁴`: 3 for the normal law, 9/5 for the uniform; NaN where the variance is 0.
    pub kurtosis: f64,
}

impl Moments {
    /// The normal law's.
    pub(crate) fn normal(mean: f64, std: f64) -> Self {
        Self { mean, variance: std * std, skew: 0.0, kurtosis: if std == 0.0 { f64::NAN } else { 3.0 } }
    }

    /// The uniform law's, over `lo..hi`.
    pub(crate) fn uniform(lo: f64, hi: f64) -> Self {
        let kurtosis = if lo == hi { f64::NAN } else { 1.8 };
        Self { mean: (lo + hi) / 2.0, variance: (hi - lo).powi(2) / 12.0, skew: 0.0, kurtosis }
    }
}
