//! Schemes: the ways in which a tensor can be filled, as data.

use tensor::{Activation, Tensor};

use crate::scaling::STD_TRUNCATED_AT_TWO;
use crate::{
    Distribution, Element, FanMode, Fans, Gain, InitError, Layout, Source, VarianceScaling, orthogonal,
    pattern, truncated,
};

/// The way in which a tensor is filled, as data.
///
/// Its text form is `kaiming_normal(fan_out, relu)`, for example; see [`FromStr`](#impl-FromStr-for-Scheme).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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
    /// `N(mean, std²)` given that `lo ≤ x ≤ hi`, with bounds as values, as in `torch.nn.init.trunc_normal_`. The
    /// standard deviation after truncation is smaller than `std`.
    ///
    /// The algorithm is that of PyTorch 2.15 for all bounds, round by round; older releases have another. If the bounds
    /// hold more than 0.3 of the normal distribution, normals are drawn again until all are inside; otherwise uniforms
    /// between the bounds are accepted by their density. Three things follow:
    ///
    /// - A round draws a number for every value of the tensor, so bounds that are wide for their tail take long: `(1, 1000)`
    ///   thousands of rounds. After 2²⁰ rounds or 2³² numbers, where PyTorch has been busy for one to three minutes, the
    ///   values that are still open are drawn by an algorithm of this crate, with at most fifty draws each on average.
    /// - The density is rounded to the tensor's precision. In `f32`, bounds a thousand standard deviations out have
    ///   densities that are off by a few percent, and one uniform in 2²⁴ is 0, which accepts anything. Neither is
    ///   measurable for bounds within a few dozen standard deviations.
    /// - PyTorch refuses an infinite bound if it has to propose uniforms, and a standard deviation of 0. Here the tail is
    ///   cut off where its density is 2⁻⁶⁰ of the peak's, and the values are the mean, or the bound nearest to it.
    TruncatedNormal {
        /// The mean before truncation.
        mean: f64,
        /// The standard deviation before truncation.
        std: f64,
        /// The lower bound; −∞ for none.
        lo: f64,
        /// The upper bound; ∞ for none.
        hi: f64,
    },
    /// Mean 0 and a variance that the fans decide.
    Scaled(VarianceScaling),
    /// `gain·Q` with orthonormal rows or columns, whichever are fewer, of the matrix `[out, in·kernel]`.
    ///
    /// Q is uniform (Haar) over all such matrices, because the signs of the QR factorisation are corrected (Saxe et al.
    /// 2014; Mezzadri 2007, eq. 5.12). Batch axes give independent matrices.
    Orthogonal {
        /// The factor on Q.
        gain: Gain,
    },
    /// `gain·Q` at the centre of a convolution's kernel and 0 elsewhere, with Q `[out, in]` orthogonal and `in ≤ out`:
    /// the convolution keeps norms (Xiao et al. 2018, algorithm 2). The centre is `⌊(k − 1)/2⌋`, as in JAX.
    DeltaOrthogonal {
        /// The factor on Q.
        gain: Gain,
    },
    /// `gain` on the diagonal of the matrix `[out, in]`, 0 elsewhere.
    Identity {
        /// The value on the diagonal.
        gain: Gain,
    },
    /// `gain` at the kernel's centre where output c of a group meets its input c, 0 elsewhere: the convolution copies
    /// its input. The centre is `⌊k/2⌋`. As in PyTorch, the kernel has one to three axes.
    Dirac {
        /// Groups of a convolution, side by side in the output axis; the input axis is that of one group.
        groups: usize,
        /// The value at the centre.
        gain: Gain,
    },
    /// `N(0, std²)`, with `⌈sparsity·out⌉` connections of each input, drawn without replacement, set to 0 (Martens
    /// 2010, §5).
    Sparse {
        /// The fraction of zeros, from 0 to 1.
        sparsity: f64,
        /// The standard deviation of the other values.
        std: f64,
    },
}

/// Schemes by the names that papers and frameworks give them.
impl Scheme {
    /// 0 everywhere.
    pub const ZEROS: Self = Self::Constant(0.0);
    /// 1 everywhere.
    pub const ONES: Self = Self::Constant(1.0);
    /// `N(0, 1)`: `torch.randn`, and the default of an embedding in PyTorch.
    pub const STANDARD_NORMAL: Self = Self::Normal { mean: 0.0, std: 1.0 };

    /// `N(0, gain²/fan_in)`, He et al. 2015, eq. 10, who use gain √2 for ReLU.
    pub fn kaiming_normal(gain: impl Into<Gain>) -> Self {
        Self::scaled(gain, FanMode::FanIn, Distribution::Normal)
    }

    /// Uniform with variance `gain²/fan_in`, He et al. 2015.
    pub fn kaiming_uniform(gain: impl Into<Gain>) -> Self {
        Self::scaled(gain, FanMode::FanIn, Distribution::Uniform)
    }

    /// `N(0, 2·gain²/(fan_in + fan_out))`, Glorot & Bengio 2010, eq. 12.
    pub fn xavier_normal(gain: impl Into<Gain>) -> Self {
        Self::scaled(gain, FanMode::FanAvg, Distribution::Normal)
    }

    /// Uniform with variance `2·gain²/(fan_in + fan_out)`, Glorot & Bengio 2010, eq. 16.
    pub fn xavier_uniform(gain: impl Into<Gain>) -> Self {
        Self::scaled(gain, FanMode::FanAvg, Distribution::Uniform)
    }

    /// `he_normal` of Keras and JAX: truncated normal with variance `2/fan_in`.
    pub fn he_normal() -> Self {
        Self::scaled(relu(), FanMode::FanIn, Distribution::TruncatedNormal)
    }

    /// `he_uniform` of Keras and JAX: uniform with variance `2/fan_in`.
    pub fn he_uniform() -> Self {
        Self::kaiming_uniform(relu())
    }

    /// `glorot_normal` of Keras and JAX: truncated normal with variance `2/(fan_in + fan_out)`.
    pub fn glorot_normal() -> Self {
        Self::scaled(Gain::ONE, FanMode::FanAvg, Distribution::TruncatedNormal)
    }

    /// `glorot_uniform` of Keras and JAX: uniform with variance `2/(fan_in + fan_out)`.
    pub fn glorot_uniform() -> Self {
        Self::xavier_uniform(Gain::ONE)
    }

    /// `lecun_normal` of Keras and JAX: truncated normal with variance `1/fan_in` (LeCun et al. 1998, eq. 16).
    pub fn lecun_normal() -> Self {
        Self::scaled(Gain::ONE, FanMode::FanIn, Distribution::TruncatedNormal)
    }

    /// `lecun_uniform` of Keras and JAX: uniform with variance `1/fan_in` (LeCun et al. 1998, eq. 16).
    pub fn lecun_uniform() -> Self {
        Self::kaiming_uniform(Gain::ONE)
    }

    /// The standard deviation that gives the matrix a spectral norm of order `√(out/in)`, `min(1, √(out/in))/√in`, times
    /// `gain`; normal (Yang, Simon & Bernstein 2023, arXiv 2310.17813).
    ///
    /// The norm over `√(out/in)` tends to `1 + √(min/max)` of the two sizes.
    pub fn spectral(gain: impl Into<Gain>) -> Self {
        Self::scaled(gain, FanMode::Spectral, Distribution::Normal)
    }

    /// `U(±1/fan_in)`: the first layer of a SIREN (the authors' code, `first_layer_sine_init`).
    pub fn siren_first() -> Self {
        Self::scaled(3f64.sqrt().recip(), FanMode::FanInSquared, Distribution::Uniform)
    }

    /// `U(±√(6/fan_in)/omega)`: the other layers of a SIREN, which computes `sin(omega·(Wx + b))` (the authors' code,
    /// `sine_init`, where omega is 30).
    pub fn siren(omega: f64) -> Self {
        Self::kaiming_uniform(2f64.sqrt() / omega)
    }

    /// `N(0, 0.02²)`: every weight and embedding of GPT-2 but those at the end of a residual branch, which are divided by
    /// [`√(2·blocks)`](crate::residual_factor) (transformers 5.24, `GPT2PreTrainedModel`).
    pub const GPT2: Self = Self::Normal { mean: 0.0, std: 0.02 };

    /// `N(0, factor²/fan_in)`: every matrix of T5 but that of the queries, and `N(0, factor²)` for its embedding
    /// (transformers 5.24, `T5PreTrainedModel`).
    pub fn t5(factor: f64) -> Self {
        Self::kaiming_normal(factor)
    }

    /// `N(0, factor²/(fan_in·head_size))`: the queries of T5, whose attention does not divide by `√head_size`.
    pub fn t5_query(head_size: usize, factor: f64) -> Self {
        Self::kaiming_normal(factor / (head_size as f64).sqrt())
    }

    /// The same scheme by fan-out: `Scheme::kaiming_normal(gain).fan_out()` keeps the variance of gradients. A scheme
    /// without fans stays as it is.
    pub fn fan_out(self) -> Self {
        match self {
            Self::Scaled(scaling) => Self::Scaled(VarianceScaling { mode: FanMode::FanOut, ..scaling }),
            other => other,
        }
    }

    /// Variance `gain²/fan`, for any fan and any distribution.
    pub fn scaled(gain: impl Into<Gain>, mode: FanMode, distribution: Distribution) -> Self {
        Self::Scaled(VarianceScaling { gain: gain.into(), mode, distribution })
    }

    /// `std·z` with z from N(0, 1) truncated at `lower` and `upper`.
    ///
    /// The bounds are in standard deviations, as in `jax.nn.initializers.truncated_normal` and, at ±2, Keras'
    /// `TruncatedNormal`. The standard deviation after truncation is smaller than `std`: 0.88 of it at ±2.
    pub fn truncated_normal_in_sigmas(std: f64, lower: f64, upper: f64) -> Self {
        Self::TruncatedNormal { mean: 0.0, std, lo: lower * std, hi: upper * std }
    }

    /// A normal distribution truncated at two of its standard deviations, `std/0.8796…`, so that `std` is the standard
    /// deviation after truncation: the truncated normal inside the variance scaling of Keras and JAX.
    pub fn truncated_normal_corrected(std: f64) -> Self {
        Self::truncated_normal_in_sigmas(std / STD_TRUNCATED_AT_TWO, -2.0, 2.0)
    }

    /// Orthogonal with gain 1.
    pub const fn orthogonal() -> Self {
        Self::Orthogonal { gain: Gain::ONE }
    }
}

fn relu() -> Gain {
    Gain::torch(Activation::Relu).expect("PyTorch's table has ReLU")
}

/// Filling tensors.
impl Scheme {
    /// The same scheme for known fans: a scaled scheme becomes the one that it stands for, any other stays as it is.
    ///
    /// A bias, for example, takes the fans of its weight.
    pub fn with_fans(self, fans: Fans) -> Self {
        match self {
            Self::Scaled(scaling) => scaling.at(fans),
            other => other,
        }
    }

    /// The same scheme for a tensor of `shape`; the shape needs fans only if the scheme does.
    pub(crate) fn resolved(self, shape: &[usize], layout: Layout) -> Result<Self, InitError> {
        match self {
            Self::Scaled(scaling) => {
                let fans = Fans::of(shape, layout)?;
                match scaling.mode {
                    FanMode::FanAvg if fans.fan_in + fans.fan_out == 0.0 => {
                        Err(InitError::no_fans(shape, "both are 0, and the scheme divides by their mean"))
                    }
                    _ => Ok(scaling.at(fans)),
                }
            }
            other => Ok(other),
        }
    }

    /// True for a tensor without values whose scheme divides by one fan: it is left alone, whatever its shape, as
    /// `torch.nn.init.kaiming_*` do.
    fn leaves_alone(self, shape: &[usize]) -> bool {
        let one_fan = |scaling: VarianceScaling| matches!(scaling.mode, FanMode::FanIn | FanMode::FanOut);
        matches!(self, Self::Scaled(scaling) if one_fan(scaling)) && shape.contains(&0)
    }

    /// The scheme whose values are `factor` times as large: every mean, standard deviation, bound and gain is
    /// multiplied.
    pub fn times(self, factor: f64) -> Self {
        let by = |gain: Gain| Gain::number(gain.value() * factor);
        match self {
            Self::Constant(value) => Self::Constant(factor * value),
            Self::Normal { mean, std } => Self::Normal { mean: factor * mean, std: factor * std },
            Self::Uniform { lo, hi } => Self::Uniform { lo: factor * lo, hi: factor * hi },
            Self::TruncatedNormal { mean, std, lo, hi } => Self::TruncatedNormal {
                mean: factor * mean,
                std: factor * std,
                lo: factor * lo,
                hi: factor * hi,
            },
            Self::Scaled(scaling) => Self::Scaled(VarianceScaling { gain: by(scaling.gain), ..scaling }),
            Self::Orthogonal { gain } => Self::Orthogonal { gain: by(gain) },
            Self::DeltaOrthogonal { gain } => Self::DeltaOrthogonal { gain: by(gain) },
            Self::Identity { gain } => Self::Identity { gain: by(gain) },
            Self::Dirac { groups, gain } => Self::Dirac { groups, gain: by(gain) },
            Self::Sparse { sparsity, std } => Self::Sparse { sparsity, std: factor * std },
        }
    }

    /// What is drawn for `length` values of a tensor of `shape`, in a precision with this largest number: the scheme for
    /// known fans, or nothing if it leaves the tensor alone.
    pub(crate) fn drawn(
        self,
        shape: &[usize],
        layout: Layout,
        length: usize,
        largest: f64,
    ) -> Result<Option<Self>, InitError> {
        InitError::check_length(shape, length)?;
        if self.leaves_alone(shape) {
            return Ok(None);
        }
        let resolved = self.resolved(shape, layout)?;
        self.check_parameters(resolved, largest)?;
        Ok(Some(resolved))
    }

    /// Fills a slice of any framework with the values of a tensor of `shape`, in row-major order.
    ///
    /// # Errors
    /// If the slice and the shape have different lengths; if the shape lacks something that the scheme needs (fans, a
    /// matrix, a kernel); or if a parameter is out of range. The slice is unchanged then.
    pub fn fill<T: Element>(
        self,
        shape: &[usize],
        layout: Layout,
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        let Some(resolved) = self.drawn(shape, layout, out.len(), T::LARGEST)? else { return Ok(()) };
        let weight = || self.weight(shape, layout);
        match resolved {
            Self::Constant(value) => out.fill(T::of(value)),
            Self::Normal { mean, std } => source.normal(mean, std, out),
            Self::Uniform { lo, hi } => source.uniform(lo, hi, out),
            Self::TruncatedNormal { mean, std, lo, hi } => truncated::fill(mean, std, [lo, hi], out, source),
            Self::Orthogonal { gain } => orthogonal::fill(&weight()?, gain.value(), out, source),
            Self::DeltaOrthogonal { gain } => orthogonal::delta(&weight()?, gain.value(), out, source),
            Self::Identity { gain } => pattern::identity(&weight()?, gain.value(), out),
            Self::Dirac { groups, gain } => pattern::dirac(&weight()?, groups, gain.value(), out),
            Self::Sparse { sparsity, std } => pattern::sparse(&weight()?, sparsity, std, out, source),
            Self::Scaled(_) => unreachable!("resolved above"),
        }
        Ok(())
    }

    /// A new tensor of `shape`.
    ///
    /// # Errors
    /// See [`fill`](Self::fill).
    pub fn sample<T: Element>(
        self,
        shape: &[usize],
        layout: Layout,
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<Tensor<T>, InitError> {
        InitError::check_shape(shape)?;
        let mut tensor = Tensor::zeros(shape);
        self.fill(shape, layout, tensor.data_mut(), source)?;
        Ok(tensor)
    }
}
