//! Fans: the numbers of values that flow into and out of one unit.

use std::fmt;
use std::str::FromStr;

use crate::error::named;
use crate::layout::AxisRole;
use crate::{InitError, Layout, ParseError};

/// The number of inputs that one unit sums, and the number of units that one input feeds.
///
/// There are two of each. The *true* fans, [`of`](Self::of), keep variances: they know of groups, strides and transposed
/// convolutions. [`torch`](Self::torch) has those that `torch.nn.init` computes, which know the shape only:
///
/// | layer | PyTorch's (in, out) | true (in, out) |
/// |---|---|---|
/// | convolution, g groups, stride s | `c_in/g·k²`, `c_out·k²` | `c_in/g·k²`, `c_out/g·k²/s²` |
/// | transposed convolution | `c_out/g·k²`, `c_in·k²` | `c_in/g·k²/s²`, `c_out/g·k²` |
///
/// A true fan need not be a whole number: where the stride does not divide the kernel, it is the mean over positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fans {
    /// Inputs of one unit, times the kernel's size.
    pub fan_in: f64,
    /// Units fed by one input, times the kernel's size.
    pub fan_out: f64,
}

/// The fan that divides the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FanMode {
    /// `fan_in`: keeps the variance of activations (He et al. 2015, eq. 10; LeCun et al. 1998, eq. 16).
    FanIn,
    /// `fan_out`: keeps the variance of gradients (He et al. 2015, eq. 14).
    FanOut,
    /// `(fan_in + fan_out)/2`: the compromise (Glorot & Bengio 2010, eq. 12).
    FanAvg,
    /// `√(fan_in·fan_out)`.
    FanGeoAvg,
    /// `fan_in·max(1, fan_in/fan_out)`: the matrix has a spectral norm of order `√(fan_out/fan_in)` (Yang, Simon & Bernstein
    /// 2023, arXiv 2310.17813), and a std of `min(1, √(fan_out/fan_in))/√fan_in`.
    Spectral,
    /// `fan_in²`: the std falls as `1/fan_in`, as in the first layer of a SIREN.
    FanInSquared,
}

impl Fans {
    /// The fans of `torch.nn.init`: the second axis and the first, each times all others, whatever the layer.
    ///
    /// They are those of the layout [`OUT_IN`](Layout::OUT_IN). PyTorch's schemes and the defaults of its layers divide by
    /// them in transposed convolutions too, where fan-in and fan-out change places, and neither counts the stride.
    ///
    /// ```
    /// use nn_init::{Fans, Layout};
    ///
    /// // nn.ConvTranspose2d(64, 32, 4, stride=2)
    /// let shape = [64, 32, 4, 4];
    /// assert_eq!(Fans::torch(&shape)?, Fans { fan_in: 512.0, fan_out: 1024.0 });
    /// let layout = Layout::IN_OUT_KERNEL.strided(&[2, 2]);
    /// assert_eq!(Fans::of(&shape, layout)?, Fans { fan_in: 256.0, fan_out: 512.0 });
    /// # Ok::<(), nn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    /// If the shape has fewer than two axes, or a fan is larger than a `usize`.
    pub fn torch(shape: &[usize]) -> Result<Self, InitError> {
        Self::of(shape, Layout::OUT_IN)
    }

    /// The true fans of a weight: its numbers of inputs and outputs, each times the size of its kernel, the shared one
    /// divided by the groups, and the one over positions by the stride.
    ///
    /// Without groups and strides, and for the layout [`OUT_IN`](Layout::OUT_IN), they are [PyTorch's](Self::torch).
    /// An axis of size 0 gives a fan of 0. Such a tensor has no values, so nothing is divided by that fan.
    ///
    /// ```
    /// use nn_init::{Fans, Layout};
    /// let fans = |shape: &[usize], layout| Fans::of(shape, layout).map(|f| (f.fan_in, f.fan_out));
    ///
    /// assert_eq!(fans(&[64, 3, 7, 7], Layout::OUT_IN), Ok((147.0, 3136.0)));
    /// assert_eq!(fans(&[64, 3, 7, 7], Layout::OUT_IN.grouped(4)), Ok((147.0, 784.0)));
    /// assert_eq!(fans(&[512, 8, 64], Layout::axes(&[0], &[1, 2], &[])), Ok((512.0, 512.0)));
    ///
    /// let error = fans(&[100], Layout::OUT_IN).unwrap_err().to_string();
    /// assert!(error.starts_with("shape [100] has no fans: a weight needs an input and an output axis"));
    /// ```
    ///
    /// # Errors
    /// - If the shape has fewer than two axes: a vector does not say which of the two it is. The layout
    ///   [`axes`](Layout::axes) can say so.
    /// - If the shape lacks an axis that the layout names.
    /// - If the groups do not divide the axis that they share, or the stride is 0.
    /// - If a fan is larger than a `usize`.
    pub fn of(shape: &[usize], layout: Layout) -> Result<Self, InitError> {
        let roles = layout.roles(shape)?;
        let size = |wanted: &[AxisRole]| {
            let sizes = roles.iter().zip(shape).filter(|(role, _)| wanted.contains(role));
            let product = sizes.map(|(_, &size)| size).try_fold(1_usize, usize::checked_mul);
            product.ok_or_else(|| InitError::no_fans(shape, "a fan is too large to be counted"))
        };
        let fan_in = size(&[AxisRole::In, AxisRole::Kernel])?;
        let fan_out = size(&[AxisRole::Out, AxisRole::Kernel])?;

        let (groups, transposed) = (layout.groups(), layout.is_transposed());
        let (shared, axis) = if transposed { (AxisRole::In, "inputs") } else { (AxisRole::Out, "outputs") };
        let count = size(&[shared])?;
        if groups == 0 || count % groups != 0 {
            let why = format!("{count} {axis} cannot be divided into {groups} groups");
            return Err(InitError::no_fans(shape, why));
        }
        let stride = layout.stride();
        if stride == 0 {
            return Err(InitError::no_fans(shape, "a stride of 0 does not move the kernel"));
        }
        let [inputs, outputs] = [fan_in as f64, fan_out as f64];
        let shared = |fan: f64| fan / groups as f64 / stride as f64;
        Ok(if transposed {
            Self { fan_in: shared(inputs), fan_out: outputs }
        } else {
            Self { fan_in: inputs, fan_out: shared(outputs) }
        })
    }

    /// The fan that a mode picks, as the divisor of a variance: at least 1, so that every scale is finite.
    pub fn by(self, mode: FanMode) -> f64 {
        let Self { fan_in, fan_out } = self;
        let fan = match mode {
            FanMode::FanIn => fan_in,
            FanMode::FanOut => fan_out,
            FanMode::FanAvg => (fan_in + fan_out) / 2.0,
            FanMode::FanGeoAvg => (fan_in * fan_out).sqrt(),
            FanMode::Spectral if fan_out == 0.0 => fan_in,
            FanMode::Spectral => fan_in * (fan_in / fan_out).max(1.0),
            FanMode::FanInSquared => fan_in * fan_in,
        };
        fan.max(1.0)
    }
}

impl FanMode {
    /// All modes.
    pub const ALL: [Self; 6] =
        [Self::FanIn, Self::FanOut, Self::FanAvg, Self::FanGeoAvg, Self::Spectral, Self::FanInSquared];

    fn name(self) -> &'static str {
        match self {
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FanAvg => "fan_avg",
            Self::FanGeoAvg => "fan_geo_avg",
            Self::Spectral => "spectral",
            Self::FanInSquared => "fan_in_squared",
        }
    }
}

/// The name that [`FromStr`] reads: `fan_in`.
impl fmt::Display for FanMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FanMode {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        named("fan mode", text, &Self::ALL, Self::name)
    }
}
