//! Inputs whose features have a mean.

/// The cosine similarity of two independent inputs whose features have a common mean: `m²/(m² + s²)`, for features of mean
/// m and standard deviation s, and many of them.
///
/// Scaling the inputs leaves it as it is; subtracting the mean makes it 0.
///
/// ```
/// use mean_field::inputs_cosine;
/// // Pixels from 0 to 255, uniform: mean 127.5, variance (256² − 1)/12.
/// let cosine = inputs_cosine(127.5, (65535.0_f64 / 12.0).sqrt());
/// assert!((cosine - 0.748_532).abs() < 1e-6);
/// assert!((inputs_cosine(0.5, (65535.0_f64 / 12.0).sqrt() / 255.0) - cosine).abs() < 1e-12);
/// ```
pub fn inputs_cosine(mean: f64, std: f64) -> f64 {
    // The ratio does not overflow.
    1.0 / (1.0 + (std / mean).powi(2))
}
