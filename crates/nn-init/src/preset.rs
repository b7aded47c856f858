//! Presets: the default initialisation of each framework's layers.

use std::fmt;
use std::str::FromStr;

use tensor::{Activation, Tensor};

use crate::error::named;
use crate::torch::leaky_root_5;
use crate::weight::Weight;
use crate::{Distribution, Element, FanMode, Fans, Gain, InitError, Layout, ParseError, Scheme, Source};

/// A layer's default initialisation in one framework: schemes for its weight and its bias, and the weight's layout.
///
/// ```
/// use nn_init::{Preset, Scheme};
///
/// let tch: Preset = "tch.linear".parse()?;
/// let torch: Preset = "torch.linear".parse()?;
/// let std = |preset: Preset| preset.weight.moments(&[100, 100], preset.layout).unwrap().std;
/// assert!((std(tch) / std(torch) - 6f64.sqrt()).abs() < 1e-12); // the same layer with six times the variance
/// # Ok::<(), nn_init::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Preset {
    /// The framework and its name for the layer: `torch.linear`.
    pub name: &'static str,
    /// The weight's scheme.
    pub weight: Scheme,
    /// The order of axes by which the framework computes fans. A table of embeddings `[entries, size]` counts as
    /// `[out, in]`, and PyTorch reads the weight of a transposed convolution so too.
    pub layout: Layout,
    /// The true order of the axes, by which outputs and their biases are counted.
    pub axes: Layout,
    /// The initial bias; `None` for a layer without one.
    pub bias: Option<Bias>,
}

/// The initial value of biases. These three cover all frameworks here; a match may be exhaustive, so that the compiler
/// shows what a fourth one would need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// 0.
    Zeros,
    /// `U(±1/√fan_in)` with the weight's fan; 0 if the weight has no inputs.
    FanIn,
    /// `N(0, 2/(fan_in + fan_out))` with the weight's fans, Xavier's normal scheme; 0 if both are 0.
    Xavier,
}

impl Bias {
    /// The scheme of the bias of a weight with these fans.
    pub fn scheme(self, weight: Fans) -> Scheme {
        match self {
            Self::FanIn if weight.fan_in > 0.0 => {
                let bound = 1.0 / weight.fan_in.sqrt();
                Scheme::Uniform { lo: -bound, hi: bound }
            }
            // As many numbers are drawn as for other fans, which is what PyTorch does.
            Self::FanIn => Scheme::Uniform { lo: 0.0, hi: 0.0 },
            Self::Xavier => {
                let fans = weight.fan_in + weight.fan_out;
                Scheme::Normal { mean: 0.0, std: if fans > 0.0 { (2.0 / fans).sqrt() } else { 0.0 } }
            }
            Self::Zeros => Scheme::ZEROS,
        }
    }
}

impl Preset {
    /// Every preset.
    ///
    /// | framework | linear | embedding | convolution |
    /// |---|---|---|---|
    /// | PyTorch 2.15 | `U(±1/√fan_in)`, bias too | N(0, 1) | as linear, transposed too |
    /// | Keras 3.15 | Glorot uniform, bias 0 | U(±0.05) | as linear |
    /// | Flax 0.12 (linen and NNX) | LeCun truncated normal, bias 0 | N(0, 1/size) | as linear |
    /// | burn 0.22 | `U(±1/√fan_in)`, bias too | N(0, 1) | as linear, transposed too |
    /// | candle 0.11 | `N(0, 2/fan_in)`, bias `U(±1/√fan_in)` | N(0, 1) | transposed: `U(±1/√fan_in)`, bias too |
    /// | tch 0.26 | `U(±√(6/fan_in))`, bias `U(±1/√fan_in)` | N(0, 1) | as linear, bias 0 |
    ///
    /// The fan-in of a transposed convolution is that of [`Fans::torch`] in all three; candle's has no groups in it, and agrees
    /// without them only. candle's convolution is missing: its bias depends on the channels but not on the kernel.
    ///
    /// `candle.rnn` is each of the two weights of its LSTM and GRU, `U(±√(6/fan_in))`, bias 0. `burn.rnn` is each of the two linear
    /// maps of each gate of burn's `Rnn`, `Lstm` and `Gru`, one from the input and one from the hidden state, in one direction
    /// or two: weight and bias by Xavier's normal scheme (burn-nn 0.22.1, `modules/rnn/gate_controller.rs`). So its forget gate
    /// has no bias of 1. burn's attention and transformer layers are of `burn.linear`.
    pub fn all() -> Vec<Self> {
        // PyTorch writes a bound of 1/√fan_in as kaiming_uniform with a = √5.
        let by_fan_in = Scheme::kaiming_uniform(leaky_root_5());
        let (glorot, lecun) = (Scheme::glorot_uniform(), Scheme::lecun_normal());
        let (he_normal, he_uniform) = (Scheme::kaiming_normal(gain(Activation::Relu)), Scheme::he_uniform());
        let (normal, small) = (Scheme::STANDARD_NORMAL, Scheme::Uniform { lo: -0.05, hi: 0.05 });
        let per_size = Scheme::scaled(Gain::ONE, FanMode::FanIn, Distribution::Normal);
        let (out_in, in_out) = (Layout::OUT_IN, Layout::IN_OUT);
        let (zeros, fan_in, xavier) = (Some(Bias::Zeros), Some(Bias::FanIn), Some(Bias::Xavier));
        let presets = [
            ("torch.linear", by_fan_in, out_in, fan_in),
            ("torch.embedding", normal, out_in, None),
            ("torch.conv", by_fan_in, out_in, fan_in),
            ("torch.conv_transpose", by_fan_in, out_in, fan_in),
            ("keras.dense", glorot, in_out, zeros),
            ("keras.embedding", small, out_in, None),
            ("keras.conv", glorot, in_out, zeros),
            ("flax.dense", lecun, in_out, zeros),
            ("flax.embed", per_size, out_in, None),
            ("flax.conv", lecun, in_out, zeros),
            ("burn.linear", by_fan_in, in_out, fan_in),
            ("burn.embedding", normal, out_in, None),
            ("burn.conv", by_fan_in, out_in, fan_in),
            ("burn.conv_transpose", by_fan_in, out_in, fan_in),
            ("burn.rnn", Scheme::xavier_normal(Gain::ONE), in_out, xavier),
            ("candle.linear", he_normal, out_in, fan_in),
            ("candle.embedding", normal, out_in, None),
            ("candle.conv_transpose", by_fan_in, out_in, fan_in),
            ("candle.rnn", he_uniform, out_in, zeros),
            ("tch.linear", he_uniform, out_in, fan_in),
            ("tch.embedding", normal, out_in, None),
            ("tch.conv", he_uniform, out_in, zeros),
        ];
        let axes = |name: &str, layout| {
            if name.ends_with("conv_transpose") { Layout::IN_OUT_KERNEL } else { layout }
        };
        presets
            .map(|(name, weight, layout, bias)| Self { name, weight, layout, axes: axes(name, layout), bias })
            .into()
    }

    /// The same layer in groups: its weight's shape is that of one group along the axis that they do not share. The number
    /// of outputs of a transposed convolution depends on them; no framework's fans do.
    pub const fn grouped(self, groups: usize) -> Self {
        Self { axes: self.axes.grouped(groups), ..self }
    }

    /// The number of outputs of a layer whose weight has this shape, which is that of its biases.
    ///
    /// # Errors
    /// If the shape has no fans.
    pub fn outputs(&self, weight_shape: &[usize]) -> Result<usize, InitError> {
        Fans::of(weight_shape, self.axes)?;
        let outputs = Weight::of(weight_shape, self.axes)?.outputs();
        Ok(if self.axes.is_transposed() { outputs * self.axes.groups() } else { outputs })
    }

    /// Fills a weight of `shape`, in row-major order.
    ///
    /// # Errors
    /// See [`Scheme::fill`].
    pub fn fill_weight<T: Element>(
        &self,
        shape: &[usize],
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        self.weight.fill(shape, self.layout, out, source)
    }

    /// Fills the bias of a weight of `weight_shape`; a layer without a bias gets zeros.
    ///
    /// # Errors
    /// If the weight's shape has no fans, or the slice does not have one value per output.
    pub fn fill_bias<T: Element>(
        &self,
        weight_shape: &[usize],
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        let scheme = self.bias.unwrap_or(Bias::Zeros).scheme(Fans::of(weight_shape, self.layout)?);
        let outputs = self.outputs(weight_shape)?;
        scheme.fill(&[outputs], self.layout, out, source)
    }

    /// Draws a weight of `shape`, and then its bias if the layer has one.
    ///
    /// # Errors
    /// If the shape has no fans.
    pub fn sample<T: Element>(
        &self,
        shape: &[usize],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(Tensor<T>, Option<Tensor<T>>), InitError> {
        let weight = self.weight.sample(shape, self.layout, source)?;
        if self.bias.is_none() {
            return Ok((weight, None));
        }
        let outputs = self.outputs(shape)?;
        let mut bias = Tensor::zeros([outputs]);
        self.fill_bias(shape, bias.data_mut(), source)?;
        Ok((weight, Some(bias)))
    }
}

fn gain(activation: Activation) -> Gain {
    Gain::torch(activation).expect("PyTorch's table has ReLU")
}

/// The name that [`FromStr`] reads.
impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl FromStr for Preset {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        named("preset", text, &Self::all(), |preset| preset.name)
    }
}
