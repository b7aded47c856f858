//! The gains at which signals and gradients neither vanish nor explode.

use mean_field::{Critical, Layer, value_squared};
use tensor::Activation;

/// The critical gain range of a function: from the critical gain to the gain at which the variance 1 is a fixed point, the
/// lower first.
pub(super) fn critical_gain_range(activation: Activation) -> (f64, f64) {
    let forward = 1.0 / value_squared(activation, 1.0).sqrt();
    let critical = Critical::of(activation).map_or(forward, |critical| critical.gain);
    (forward.min(critical), forward.max(critical))
}

/// The allowed range of a layer whose numbers of inputs and outputs differ. Schemes scaled by fan-out preserve gradients
/// instead of signals; those scaled by the mean of both fans (Glorot & Bengio 2010) and orthogonal ones lie in between.
pub(super) fn allowed_range((low, high): (f64, f64), layer: &Layer) -> (f64, f64) {
    let ratio = (layer.inputs as f64 / layer.units as f64).sqrt();
    (low * ratio.min(1.0), high * ratio.max(1.0))
}
