//! The layers of candle: their kind, their parameters and the axis of their units.

use candle_core::Tensor;
use candle_nn::{
    BatchNorm, Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, Embedding, GroupNorm, LayerNorm, Linear,
    RmsNorm,
};
use diagnostics::{Activation, NormKind, SiteKind};

/// A layer that a [`Watch`](crate::Watch) can describe without being told: implement it for your own.
pub trait Observable {
    /// Its description.
    fn site(&self) -> LayerSite<'_>;
}

/// The description of a layer.
#[derive(Clone, Copy, Debug)]
pub struct LayerSite<'a> {
    /// The operation that computes its values.
    pub kind: SiteKind,
    /// The function of an activation.
    pub function: Option<Activation>,
    /// The kind of a norm.
    pub norm: Option<NormKind>,
    /// Its weight, as the `VarBuilder` handed it out.
    pub weight: Option<&'a Tensor>,
    /// Its bias.
    pub bias: Option<&'a Tensor>,
    /// The axis of its units.
    pub units: UnitAxis,
    /// The number of groups of a convolution.
    pub groups: usize,
    /// The product of the strides of a convolution.
    pub stride: usize,
}

/// The axis of the units in a layer's input and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitAxis {
    /// The last one, as in `[batch, time, features]`.
    Last,
    /// Axis 1, as in `[batch, channels, height, width]`.
    Channels,
    /// That of the input.
    AsInput,
}

impl UnitAxis {
    /// The index among so many axes; `None` if it is that of the input.
    pub(super) fn of(self, rank: usize) -> Option<usize> {
        match self {
            Self::Last => Some(rank.saturating_sub(1)),
            Self::Channels => Some(1.min(rank.saturating_sub(1))),
            Self::AsInput => None,
        }
    }
}

impl<'a> LayerSite<'a> {
    /// A layer without parameters, whose units are those of its input.
    pub fn new(kind: SiteKind) -> Self {
        let (function, norm, weight, bias) = (None, None, None, None);
        Self { kind, function, norm, weight, bias, units: UnitAxis::AsInput, groups: 1, stride: 1 }
    }

    /// A layer with parameters.
    fn with(kind: SiteKind, units: UnitAxis, weight: &'a Tensor, bias: Option<&'a Tensor>) -> Self {
        Self { weight: Some(weight), bias, units, ..Self::new(kind) }
    }

    fn norm(self, norm: NormKind) -> Self {
        Self { norm: Some(norm), ..self }
    }

    /// The numbers of outputs and of inputs, from the shape of the weight; `None` where a layer has no such number.
    pub(super) fn sizes(&self) -> Option<(usize, Option<usize>)> {
        let shape = self.weight?.dims();
        match (self.kind, shape) {
            (SiteKind::Linear, [outputs, inputs]) => Some((*outputs, Some(*inputs))),
            (SiteKind::Convolution, [outputs, inputs, ..]) => Some((*outputs, Some(inputs * self.groups))),
            (SiteKind::TransposedConvolution, [inputs, outputs, ..]) => {
                Some((outputs * self.groups, Some(*inputs)))
            }
            (SiteKind::Embedding, [_, features]) => Some((*features, None)),
            (SiteKind::Norm, [features]) => Some((*features, Some(*features))),
            _ => None,
        }
    }
}

impl Observable for Linear {
    fn site(&self) -> LayerSite<'_> {
        LayerSite::with(SiteKind::Linear, UnitAxis::Last, self.weight(), self.bias())
    }
}

impl Observable for Embedding {
    fn site(&self) -> LayerSite<'_> {
        LayerSite::with(SiteKind::Embedding, UnitAxis::Last, self.embeddings(), None)
    }
}

/// Implements [`Observable`] for convolutions of so many strided axes.
macro_rules! convolution {
    ($name:ident, $kind:ident, $axes:literal) => {
        impl Observable for $name {
            fn site(&self) -> LayerSite<'_> {
                let (groups, stride) = (self.config().groups, self.config().stride.pow($axes));
                let site = LayerSite::with(SiteKind::$kind, UnitAxis::Channels, self.weight(), self.bias());
                LayerSite { groups, stride, ..site }
            }
        }
    };
}

convolution!(Conv1d, Convolution, 1);
convolution!(Conv2d, Convolution, 2);
convolution!(ConvTranspose1d, TransposedConvolution, 1);

/// Candle's has no groups.
impl Observable for ConvTranspose2d {
    fn site(&self) -> LayerSite<'_> {
        let site =
            LayerSite::with(SiteKind::TransposedConvolution, UnitAxis::Channels, self.weight(), self.bias());
        LayerSite { stride: self.config().stride.pow(2), ..site }
    }
}

impl Observable for LayerNorm {
    fn site(&self) -> LayerSite<'_> {
        let norm = if self.remove_mean() { NormKind::Layer } else { NormKind::Rms };
        LayerSite::with(SiteKind::Norm, UnitAxis::Last, self.weight(), self.bias()).norm(norm)
    }
}

impl Observable for RmsNorm {
    fn site(&self) -> LayerSite<'_> {
        LayerSite::with(SiteKind::Norm, UnitAxis::Last, self.weight(), None).norm(NormKind::Rms)
    }
}

impl Observable for BatchNorm {
    fn site(&self) -> LayerSite<'_> {
        let (weight, bias) = self.weight_and_bias().unzip();
        let site = LayerSite::new(SiteKind::Norm).norm(NormKind::Batch);
        LayerSite { weight, bias, units: UnitAxis::Channels, ..site }
    }
}

/// Its parameters cannot be reached: [`named`](crate::Watched::named), it finds those of that name.
impl Observable for GroupNorm {
    fn site(&self) -> LayerSite<'_> {
        LayerSite { units: UnitAxis::Channels, ..LayerSite::new(SiteKind::Norm) }.norm(NormKind::Group)
    }
}

/// SwiGLU is a product of two halves of its input, and no function of single values.
impl Observable for candle_nn::Activation {
    fn site(&self) -> LayerSite<'_> {
        let function = match *self {
            Self::Gelu => Activation::Gelu,
            Self::NewGelu | Self::GeluPytorchTanh => Activation::GeluTanh,
            Self::Relu => Activation::Relu,
            Self::Relu2 => Activation::ReluSquared,
            Self::Relu6 => Activation::Relu6,
            Self::Silu | Self::Swish => Activation::Silu,
            Self::Sigmoid => Activation::Sigmoid,
            Self::HardSigmoid => Activation::HardSigmoid,
            Self::Mish => Activation::Mish,
            Self::HardSwish => Activation::HardSwish,
            Self::Elu(alpha) => Activation::Elu(alpha),
            Self::LeakyRelu(slope) => Activation::LeakyRelu(slope),
            Self::Swiglu => return LayerSite::new(SiteKind::Other),
        };
        LayerSite { function: Some(function), ..LayerSite::new(SiteKind::Activation) }
    }
}
