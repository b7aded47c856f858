//! How many values flow into and out of one unit.

use std::fmt;

/// The order of a weight's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[out, in, kernel…]`: PyTorch, candle, tch; the layer computes `x·Wᵀ`.
    OutIn,
    /// `[kernel…, in, out]`: Keras, JAX, burn, and lessons that write `x @ W`.
    InOut,
}

/// The number of inputs that one unit sums, and of units that one input feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fans {
    /// Inputs of one unit, times the kernel's size.
    pub fan_in: usize,
    /// Units fed by one input, times the kernel's size.
    pub fan_out: usize,
}

/// Which fan divides the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `fan_in`: keeps the variance of activations (He et al. 2015, eq. 10; LeCun et al. 1998, eq. 16).
    FanIn,
    /// `fan_out`: keeps the variance of gradients (He et al. 2015, eq. 14).
    FanOut,
    /// `(fan_in + fan_out)/2`: the compromise (Glorot & Bengio 2010, eq. 12).
    FanAvg,
    /// `√(fan_in·fan_out)`.
    FanGeoAvg,
}

/// A shape that has no fans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FansError {
    shape: Vec<usize>,
}

impl fmt::Display for FansError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = &self.shape;
        write!(
            f,
            "shape {shape:?} has no fans: a weight has an input and an output axis; give a bias or a scalar a scheme without fans"
        )
    }
}

impl std::error::Error for FansError {}

impl Fans {
    /// The fans of a weight: its input and output sizes, each times the product of its kernel's sizes.
    ///
    /// An axis of size 0 gives a fan of 0: such a tensor holds no values, so nothing is drawn by it.
    ///
    /// # Errors
    /// If the shape has fewer than two axes: a vector does not say which of its two roles it plays.
    pub fn of(shape: &[usize], layout: Layout) -> Result<Self, FansError> {
        let (inputs, outputs, kernel) = match (layout, shape) {
            (Layout::OutIn, [outputs, inputs, kernel @ ..]) => (inputs, outputs, kernel),
            (Layout::InOut, [kernel @ .., inputs, outputs]) => (inputs, outputs, kernel),
            _ => return Err(FansError { shape: shape.to_vec() }),
        };
        let kernel: usize = kernel.iter().product();
        Ok(Self { fan_in: inputs * kernel, fan_out: outputs * kernel })
    }

    /// The number that a variance is divided by; at least 1, so that no scale is infinite.
    pub fn by(self, mode: Mode) -> f64 {
        let (fan_in, fan_out) = (self.fan_in as f64, self.fan_out as f64);
        let fan = match mode {
            Mode::FanIn => fan_in,
            Mode::FanOut => fan_out,
            Mode::FanAvg => (fan_in + fan_out) / 2.0,
            Mode::FanGeoAvg => (fan_in * fan_out).sqrt(),
        };
        fan.max(1.0)
    }
}
