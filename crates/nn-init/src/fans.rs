//! How many values flow into and out of one unit.

use std::fmt;
use std::str::FromStr;

use crate::layout::AxisRole;
use crate::{InitError, Layout};

/// The number of inputs that one unit sums, and of units that one input feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fans {
    /// Inputs of one unit, times the kernel's size.
    pub fan_in: usize,
    /// Units fed by one input, times the kernel's size.
    pub fan_out: usize,
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
}

impl Fans {
    /// The fans of a weight: its input and output sizes, each times the product of its kernel's sizes.
    ///
    /// An axis of size 0 gives a fan of 0: such a tensor holds no values, so nothing is drawn by it.
    ///
    /// ```
    /// use nn_init::{Fans, Layout};
    /// let fans = |shape: &[usize], layout| Fans::of(shape, layout).map(|f| (f.fan_in, f.fan_out));
    ///
    /// assert_eq!(fans(&[64, 3, 7, 7], Layout::OUT_IN), Ok((147, 3136)));
    /// assert_eq!(fans(&[64, 3, 7, 7], Layout::OUT_IN.grouped(4)), Ok((147, 784)));
    /// assert_eq!(fans(&[512, 8, 64], Layout::axes(&[0], &[1, 2], &[])), Ok((512, 512)));
    ///
    /// let error = fans(&[100], Layout::OUT_IN).unwrap_err().to_string();
    /// assert!(error.starts_with("shape [100] has no fans: a weight has an input and an output axis"));
    /// ```
    ///
    /// # Errors
    /// If the shape has fewer than two axes, since a vector does not say which of its two roles it plays (the
    /// layout [`axes`](Layout::axes) can); if it lacks an axis that the layout names; if the groups do not
    /// divide it; if a fan is beyond a `usize`.
    pub fn of(shape: &[usize], layout: Layout) -> Result<Self, InitError> {
        let roles = layout.roles(shape)?;
        let size = |wanted: &[AxisRole]| {
            let sizes = roles.iter().zip(shape).filter(|(role, _)| wanted.contains(role));
            let mut sizes = sizes.map(|(_, &size)| size);
            sizes
                .try_fold(1_usize, usize::checked_mul)
                .ok_or_else(|| InitError::no_fans(shape, "a fan is beyond the largest number"))
        };
        let mut fans = Self {
            fan_in: size(&[AxisRole::In, AxisRole::Kernel])?,
            fan_out: size(&[AxisRole::Out, AxisRole::Kernel])?,
        };

        let groups = layout.groups();
        let shared = if layout.groups_share_the_input() { AxisRole::In } else { AxisRole::Out };
        if groups == 0 || size(&[shared])? % groups != 0 {
            let side = if shared == AxisRole::In { "inputs" } else { "outputs" };
            return Err(InitError::no_fans(shape, format!("{groups} groups do not divide its {side}")));
        }
        let fan = if shared == AxisRole::In { &mut fans.fan_in } else { &mut fans.fan_out };
        *fan /= groups;
        Ok(fans)
    }

    /// The number that a variance is divided by; at least 1, so that no scale is infinite.
    pub fn by(self, mode: FanMode) -> f64 {
        let (fan_in, fan_out) = (self.fan_in as f64, self.fan_out as f64);
        let fan = match mode {
            FanMode::FanIn => fan_in,
            FanMode::FanOut => fan_out,
            FanMode::FanAvg => (fan_in + fan_out) / 2.0,
            FanMode::FanGeoAvg => (fan_in * fan_out).sqrt(),
        };
        fan.max(1.0)
    }
}

impl FanMode {
    /// All four.
    pub const ALL: [Self; 4] = [Self::FanIn, Self::FanOut, Self::FanAvg, Self::FanGeoAvg];

    fn name(self) -> &'static str {
        match self {
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FanAvg => "fan_avg",
            Self::FanGeoAvg => "fan_geo_avg",
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
    type Err = crate::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::text::named("mode", text, &Self::ALL, Self::name)
    }
}
