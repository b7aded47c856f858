//! What a framework does when nobody names a scheme.

use std::fmt;
use std::str::FromStr;

use tensor::{Activation, Tensor};

use crate::weight::Weight;
use crate::{Distribution, Element, FanMode, Fans, Gain, InitError, Layout, ParseError, Scheme, Source};

/// A layer's default initialization in one framework: schemes for its weight and its bias, and the weight's layout.
///
/// ```
/// use nn_init::{Preset, Scheme};
///
/// let tch: Preset = "tch.linear".parse()?;
/// let torch: Preset = "torch.linear".parse()?;
/// let std = |preset: Preset| preset.weight.moments(&[100, 100], preset.layout).unwrap().std;
/// assert!((std(tch) / std(torch) - 6f64.sqrt()).abs() < 1e-12); // the same layer, six times the variance
/// # Ok::<(), nn_init::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Preset {
    /// The framework and its name for the layer: `torch.linear`.
    pub name: &'static str,
    /// The weight's scheme.
    pub weight: Scheme,
    /// The order of the weight's axes there. A table of embeddings `[entries, size]` is an `[out, in]`.
    pub layout: Layout,
    /// What its bias starts at; `None` for a layer that has none.
    pub bias: Option<Bias>,
}

/// What biases start at, in every framework that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// 0.
    Zeros,
    /// `U(±1/√fan_in)`, by the weight's fan; 0 where the weight has no inputs.
    FanIn,
}

impl Bias {
    /// The scheme of the bias of a weight with these fans.
    pub fn scheme(self, weight: Fans) -> Scheme {
        match self {
            Self::FanIn if weight.fan_in > 0 => {
                let bound = 1.0 / (weight.fan_in as f64).sqrt();
                Scheme::Uniform { lo: -bound, hi: bound }
            }
            _ => Scheme::ZEROS,
        }
    }
}

impl Preset {
    /// Every preset.
    ///
    /// | framework | linear | embedding | convolution |
    /// |---|---|---|---|
    /// | PyTorch 2.15 | `U(±1/√fan_in)`, bias too | N(0, 1) | as linear |
    /// | Keras 3.15 | Glorot uniform, bias 0 | U(±0.05) | as linear |
    /// | Flax 0.12 (linen and NNX) | LeCun truncated normal, bias 0 | N(0, 1/size) | as linear |
    /// | burn 0.22 | `U(±1/√fan_in)`, bias too | N(0, 1) | as linear |
    /// | candle 0.11 | `N(0, 2/fan_in)`, bias `U(±1/√fan_in)` | N(0, 1) | |
    /// | tch 0.26 | `U(±√(6/fan_in))`, bias `U(±1/√fan_in)` | N(0, 1) | as linear, bias 0 |
    ///
    /// Not among them is candle's convolution, whose bias depends on the channels but not on the kernel.
    pub fn all() -> [Self; 17] {
        // PyTorch's way to say a bound of 1/√fan_in: kaiming_uniform with a = √5.
        let square_root_of_5 = gain(Activation::LeakyRelu(5f64.sqrt()));
        let by_fan_in = Scheme::kaiming_uniform(square_root_of_5);
        let normal = Scheme::STANDARD_NORMAL;
        let small = Scheme::Uniform { lo: -0.05, hi: 0.05 };
        let per_size = Scheme::scaled(Gain::ONE, FanMode::FanIn, Distribution::Normal);
        let (zeros, fan_in) = (Some(Bias::Zeros), Some(Bias::FanIn));
        let preset = |name, weight, layout, bias| Self { name, weight, layout, bias };
        let out_in = |name, weight, bias| preset(name, weight, Layout::OUT_IN, bias);
        let in_out = |name, weight, bias| preset(name, weight, Layout::IN_OUT, bias);
        [
            out_in("torch.linear", by_fan_in, fan_in),
            out_in("torch.embedding", normal, None),
            out_in("torch.conv", by_fan_in, fan_in),
            in_out("keras.dense", Scheme::glorot_uniform(), zeros),
            out_in("keras.embedding", small, None),
            in_out("keras.conv", Scheme::glorot_uniform(), zeros),
            in_out("flax.dense", Scheme::lecun_normal(), zeros),
            out_in("flax.embed", per_size, None),
            in_out("flax.conv", Scheme::lecun_normal(), zeros),
            in_out("burn.linear", by_fan_in, fan_in),
            out_in("burn.embedding", normal, None),
            out_in("burn.conv", by_fan_in, fan_in),
            out_in("candle.linear", Scheme::kaiming_normal(gain(Activation::Relu)), fan_in),
            out_in("candle.embedding", normal, None),
            out_in("tch.linear", Scheme::he_uniform(), fan_in),
            out_in("tch.embedding", normal, None),
            out_in("tch.conv", Scheme::he_uniform(), zeros),
        ]
    }

    /// Fills a weight of `shape`, in row-major order.
    ///
    /// # Errors
    /// As [`Scheme::fill`].
    pub fn fill_weight<T: Element>(
        &self,
        shape: &[usize],
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        self.weight.fill(shape, self.layout, out, source)
    }

    /// Fills the bias of a weight of `weight_shape`; with 0 for a layer that has none.
    ///
    /// # Errors
    /// If the weight's shape has no fans, or the slice another length than the weight has outputs.
    pub fn fill_bias<T: Element>(
        &self,
        weight_shape: &[usize],
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) -> Result<(), InitError> {
        let scheme = self.bias.unwrap_or(Bias::Zeros).scheme(Fans::of(weight_shape, self.layout)?);
        let outs = Weight::of(scheme, weight_shape, self.layout)?.outs();
        scheme.fill(&[outs], self.layout, out, source)
    }

    /// A weight of `shape`, and its bias if the layer has one, drawn in this order.
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
        let outs = Weight::of(self.weight, shape, self.layout)?.outs();
        let mut bias = Tensor::zeros([outs]);
        self.fill_bias(shape, bias.data_mut(), source)?;
        Ok((weight, Some(bias)))
    }
}

fn gain(activation: Activation) -> Gain {
    Gain::torch(activation).expect("PyTorch's table has ReLU and its leaky kin")
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
        crate::text::named("preset", text, &Self::all(), |preset| preset.name)
    }
}
