//! Schemes: which law the values of a tensor follow.

use tensor::{Real, Tensor};

use crate::{Fans, FansError, Layout, Mode, Moments, Source};

/// How a tensor is filled, as data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scheme {
    /// The same value everywhere.
    Constant(f64),
    /// `N(mean, std²)`.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        std: f64,
    },
    /// `U[lo, hi)`.
    Uniform {
        /// The lower bound.
        lo: f64,
        /// The upper bound.
        hi: f64,
    },
    /// Mean 0 and a variance that the fans decide.
    Scaled(VarianceScaling),
}

/// `Var w = gain²/fan`: the algebra that spans LeCun, Xavier and Kaiming.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    /// What makes up for the activation's loss of variance: 1 for none.
    pub gain: f64,
    /// Which fan.
    pub mode: Mode,
    /// Which law.
    pub law: Law,
}

/// The law of a [`VarianceScaling`], mean 0 and standard deviation σ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// `N(0, σ²)`.
    Normal,
    /// `U[−√3·σ, √3·σ)`.
    Uniform,
}

impl VarianceScaling {
    /// `σ = gain/√fan`.
    pub fn std(self, fans: Fans) -> f64 {
        match self.mode {
            // The order of roundings that torch.nn.init has: its values are compared bit for bit.
            Mode::FanAvg => self.gain * (1.0 / fans.by(self.mode)).sqrt(),
            _ => self.gain / fans.by(self.mode).sqrt(),
        }
    }
}

impl Scheme {
    /// `N(0, 1)`: `torch.randn`, an embedding's default, and what a lesson calls random init.
    pub const STANDARD_NORMAL: Self = Self::Normal { mean: 0.0, std: 1.0 };

    /// `N(0, gain²/fan_in)`, He et al. 2015, eq. 10; gain √2 is theirs, for ReLU.
    pub fn kaiming_normal(gain: f64) -> Self {
        Self::scaled(gain, Mode::FanIn, Law::Normal)
    }

    /// `U` with variance `gain²/fan_in`, He et al. 2015.
    pub fn kaiming_uniform(gain: f64) -> Self {
        Self::scaled(gain, Mode::FanIn, Law::Uniform)
    }

    /// `N(0, 2·gain²/(fan_in + fan_out))`, Glorot & Bengio 2010, eq. 12.
    pub fn xavier_normal(gain: f64) -> Self {
        Self::scaled(gain, Mode::FanAvg, Law::Normal)
    }

    /// `U` with variance `2·gain²/(fan_in + fan_out)`, Glorot & Bengio 2010, eq. 16.
    pub fn xavier_uniform(gain: f64) -> Self {
        Self::scaled(gain, Mode::FanAvg, Law::Uniform)
    }

    /// `N(0, 1/fan_in)`, LeCun et al. 1998, eq. 16.
    pub fn lecun_normal() -> Self {
        Self::scaled(1.0, Mode::FanIn, Law::Normal)
    }

    fn scaled(gain: f64, mode: Mode, law: Law) -> Self {
        Self::Scaled(VarianceScaling { gain, mode, law })
    }

    /// The first four moments that theory promises; `fans` count for scaled schemes only.
    pub fn moments(self, fans: Fans) -> Moments {
        match self {
            Self::Constant(value) => Moments::normal(value, 0.0),
            Self::Normal { mean, std } => Moments::normal(mean, std),
            Self::Uniform { lo, hi } => Moments::uniform(lo, hi),
            Self::Scaled(scaling) => match scaling.law {
                Law::Normal => Moments::normal(0.0, scaling.std(fans)),
                Law::Uniform => {
                    let bound = 3f64.sqrt() * scaling.std(fans);
                    Moments::uniform(-bound, bound)
                }
            },
        }
    }

    /// The standard deviation that theory promises.
    pub fn std(self, fans: Fans) -> f64 {
        match self {
            Self::Scaled(scaling) => scaling.std(fans),
            _ => self.moments(fans).variance.sqrt(),
        }
    }

    /// Fills a slice of any framework.
    ///
    /// # Panics
    /// If a normal law's std is negative or NaN, or a uniform law's bounds are out of order.
    #[track_caller]
    pub fn fill<T: Real>(self, fans: Fans, out: &mut [T], source: &mut (impl Source<T> + ?Sized)) {
        match self {
            Self::Constant(value) => out.fill(T::of(value)),
            Self::Normal { mean, std } => source.normal(mean, std, out),
            Self::Uniform { lo, hi } => source.uniform(lo, hi, out),
            Self::Scaled(scaling) => match scaling.law {
                Law::Normal => source.normal(0.0, scaling.std(fans), out),
                Law::Uniform => {
                    let bound = 3f64.sqrt() * scaling.std(fans);
                    source.uniform(-bound, bound, out);
                }
            },
        }
    }

    /// A tensor of `shape`, drawn in one call.
    ///
    /// # Errors
    /// If the scheme needs fans and the shape has none.
    ///
    /// # Panics
    /// As [`fill`](Self::fill).
    #[track_caller]
    pub fn sample<T: Real>(
        self,
        shape: &[usize],
        layout: Layout,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<Tensor<T>, FansError> {
        let fans = match (self, Fans::of(shape, layout)) {
            (Self::Scaled(_), fans) => fans?,
            (_, fans) => fans.unwrap_or(Fans { fan_in: 1, fan_out: 1 }),
        };
        let mut tensor = Tensor::zeros(shape);
        self.fill(fans, tensor.data_mut(), source);
        Ok(tensor)
    }
}
