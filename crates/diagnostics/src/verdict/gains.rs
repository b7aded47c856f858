//! The gains that keep a network of one function alive.

use mean_field::{Critical, Layer, value_squared};
use tensor::Activation;

/// The gains that keep a network alive: the critical one, and the one by which the variance 1 is a fixed point.
pub(super) fn critical_gain_range(activation: Activation) -> (f64, f64) {
    let forward = 1.0 / value_squared(activation, 1.0).sqrt();
    let critical = Critical::of(activation).map_or(forward, |critical| critical.gain);
    (forward.min(critical), forward.max(critical))
}

/// The same where a layer has more outputs than inputs, or fewer: schemes by fan-out keep gradients in place of signals,
/// those by the mean of both fans (Glorot & Bengio 2010) and orthogonal ones lie between.
pub(super) fn allowed_range((low, high): (f64, f64), layer: &Layer) -> (f64, f64) {
    let ratio = (layer.inputs as f64 / layer.units as f64).sqrt();
    (low * ratio.min(1.0), high * ratio.max(1.0))
}
