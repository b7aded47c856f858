//! The measurements of the derivation: each formula of a wide network beside networks that are drawn.

mod chain;
mod correlation;
mod distances;
mod gradients;
mod sums;
mod variance;
mod widths;

pub(crate) use correlation::ARTIFACT as CORRELATION;
pub(crate) use distances::ARTIFACT as DISTANCES;
pub(crate) use gradients::ARTIFACT as GRADIENTS;
pub(crate) use sums::ARTIFACT as SUMS;
pub(crate) use variance::ARTIFACT as VARIANCE;
pub(crate) use widths::ARTIFACT as WIDTHS;

use mean_field::{Activation, MeanField};

/// Units per layer where one width stands for all.
const WIDTH: usize = 300;

/// Networks that are averaged there: as many units in all as in twelve of 1,000, for a quarter of the numbers.
const DRAWS: usize = 40;

/// The gains of tanh that the derivation follows: critical, PyTorch's, and far above.
const GAINS: [(&str, f64); 3] = [("1", 1.0), ("5/3", 5.0 / 3.0), ("3", 3.0)];

/// tanh with a gain and no biases.
const fn tanh(gain: f64) -> MeanField {
    MeanField { activation: Activation::Tanh, weight: gain * gain, bias: 0.0 }
}

/// A cobweb: from a value up to the curve, over to the diagonal, and so on, as `layers` do.
fn cobweb(layers: &[f64]) -> Vec<(f64, f64)> {
    let steps = layers.windows(2).flat_map(|pair| [(pair[0], pair[1]), (pair[1], pair[1])]);
    layers.iter().take(1).map(|&first| (first, 0.0)).chain(steps).collect()
}

/// The mean of some numbers.
fn mean(xs: &[f64]) -> f64 {
    xs.iter().sum::<f64>() / xs.len() as f64
}

/// The root mean square of some numbers.
fn rms(xs: &[f64]) -> f64 {
    (xs.iter().map(|x| x * x).sum::<f64>() / xs.len() as f64).sqrt()
}
