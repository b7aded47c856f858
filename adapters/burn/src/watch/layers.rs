//! Burn's layers with their places: one line for each.

use burn_core::tensor::module::batch_norm_train;
use burn_core::tensor::{Int, Tensor};
use burn_nn::conv::{Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d};
use burn_nn::pool::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d,
};
use burn_nn::{BatchNorm, Dropout, Embedding, GroupNorm, InstanceNorm, LayerNorm, Linear, RmsNorm};
use diagnostics::{Activation, NormKind, SiteKind};

use super::Place;
use super::operations::through;
use super::tape::{is_open, write};

/// A layer whose values a watch records.
///
/// `layer.watched(x)` is `layer.forward(x)`, to the bit, in a watch and outside of one. It is implemented for burn's linear
/// layers, convolutions, embeddings, norms, poolings, dropout and functions, and for its attention and transformers, whose
/// parts are recorded. Implement it for layers of your own with [`Through`](super::Through).
pub trait Watched<Input> {
    /// The tensor that the layer returns.
    type Output;

    /// The layer's output.
    fn watched(&self, input: Input) -> Self::Output;
}

/// Implements the trait for layers that map tensors of any rank.
macro_rules! of_any_rank {
    ($($layer:ty: |$this:ident| $place:expr;)*) => {$(
        impl<const D: usize> Watched<Tensor<D>> for $layer {
            type Output = Tensor<D>;

            fn watched(&self, input: Tensor<D>) -> Tensor<D> {
                let $this = self;
                through(input, || $place, |input| self.forward(input))
            }
        }
    )*};
}

/// Implements the trait for layers that map tensors of one rank.
macro_rules! of_rank {
    ($($layer:ty, $rank:literal: |$this:ident| $place:expr;)*) => {$(
        impl Watched<Tensor<$rank>> for $layer {
            type Output = Tensor<$rank>;

            fn watched(&self, input: Tensor<$rank>) -> Tensor<$rank> {
                let $this = self;
                through(input, || $place, |input| self.forward(input))
            }
        }
    )*};
}

/// The place of a convolution, `[out, in/groups, kernel…]`.
macro_rules! convolution {
    ($this:ident, $strides:expr) => {
        Place::new(SiteKind::Convolution)
            .weight(&$this.weight, (0, 1))
            .perhaps_bias($this.bias.as_ref())
            .grouped($this.groups, $strides)
            .along(1)
    };
}

/// The place of a transposed convolution, `[in, out/groups, kernel…]`.
macro_rules! transposed_convolution {
    ($this:ident, $strides:expr) => {
        Place::new(SiteKind::TransposedConvolution)
            .weight(&$this.weight, (1, 0))
            .perhaps_bias($this.bias.as_ref())
            .grouped($this.groups, $strides)
            .along(1)
    };
}

of_rank! {
    Conv1d, 3: |conv| convolution!(conv, &[conv.stride]);
    Conv2d, 4: |conv| convolution!(conv, &conv.stride);
    Conv3d, 5: |conv| convolution!(conv, &conv.stride);
    ConvTranspose1d, 3: |conv| transposed_convolution!(conv, &[conv.stride]);
    ConvTranspose2d, 4: |conv| transposed_convolution!(conv, &conv.stride);
    ConvTranspose3d, 5: |conv| transposed_convolution!(conv, &conv.stride);
    AvgPool1d, 3: |_pool| SiteKind::Pooling.into();
    AvgPool2d, 4: |_pool| SiteKind::Pooling.into();
    MaxPool1d, 3: |_pool| SiteKind::Pooling.into();
    MaxPool2d, 4: |_pool| SiteKind::Pooling.into();
    AdaptiveAvgPool1d, 3: |_pool| SiteKind::Pooling.into();
    AdaptiveAvgPool2d, 4: |_pool| SiteKind::Pooling.into();
    AdaptiveAvgPool3d, 5: |_pool| SiteKind::Pooling.into();
}

of_any_rank! {
    Linear: |linear| Place::new(SiteKind::Linear)
        .weight(&linear.weight, (1, 0))
        .perhaps_bias(linear.bias.as_ref())
        .along_last();
    LayerNorm: |norm| Place::norm_of(NormKind::Layer, Some(&norm.gamma), norm.beta.as_ref()).along_last();
    RmsNorm: |norm| Place::norm_of(NormKind::Rms, Some(&norm.gamma), None).along_last();
    GroupNorm: |norm| Place::norm_of(NormKind::Group, norm.gamma.as_ref(), norm.beta.as_ref()).along(1);
    InstanceNorm: |norm| Place::norm_of(NormKind::Instance, norm.gamma.as_ref(), norm.beta.as_ref()).along(1);
    burn_nn::Relu: |_function| Activation::Relu.into();
    burn_nn::Tanh: |_function| Activation::Tanh.into();
    burn_nn::Sigmoid: |_function| Activation::Sigmoid.into();
    burn_nn::Selu: |_function| Activation::Selu.into();
    burn_nn::Softsign: |_function| Activation::Softsign.into();
    burn_nn::Gelu: |gelu| gelu_of(gelu).into();
    burn_nn::LeakyRelu: |relu| Activation::LeakyRelu(relu.negative_slope).into();
    burn_nn::Elu: |elu| Activation::Elu(elu.alpha).into();
    burn_nn::Celu: |celu| Activation::Celu(celu.alpha).into();
    burn_nn::Softplus: |softplus| Activation::Softplus(softplus.beta).into();
    burn_nn::activation::SiLU: |_function| Activation::Silu.into();
    burn_nn::activation::Mish: |_function| Activation::Mish.into();
    burn_nn::activation::Relu6: |_function| Activation::Relu6.into();
    burn_nn::activation::HardSwish: |_function| Activation::HardSwish.into();
    burn_nn::activation::LogSigmoid: |_function| Activation::LogSigmoid.into();
    burn_nn::activation::Activation: |function| function_of(function);
}

fn gelu_of(gelu: &burn_nn::Gelu) -> Activation {
    if gelu.approximate { Activation::GeluTanh } else { Activation::Gelu }
}

/// The place of a function that burn chooses at run time.
fn function_of(function: &burn_nn::activation::Activation) -> Place {
    use burn_nn::activation::Activation as Burns;
    match function {
        Burns::Relu(_) => Activation::Relu.into(),
        Burns::Gelu(gelu) => gelu_of(gelu).into(),
        Burns::LeakyRelu(relu) => Activation::LeakyRelu(relu.negative_slope).into(),
        Burns::Selu(_) => Activation::Selu.into(),
        Burns::Sigmoid(_) => Activation::Sigmoid.into(),
        Burns::Tanh(_) => Activation::Tanh.into(),
        Burns::HardSwish(_) => Activation::HardSwish.into(),
        Burns::Softplus(softplus) => Activation::Softplus(softplus.beta).into(),
        Burns::Softsign(_) => Activation::Softsign.into(),
        Burns::Elu(elu) => Activation::Elu(elu.alpha).into(),
        Burns::Celu(celu) => Activation::Celu(celu.alpha).into(),
        Burns::Identity(_) => SiteKind::Other.into(),
        _ => SiteKind::Activation.into(),
    }
}

/// In training, burn's `forward` also updates the running statistics. In a watch they are left as they are.
impl<const D: usize> Watched<Tensor<D>> for BatchNorm {
    type Output = Tensor<D>;

    fn watched(&self, input: Tensor<D>) -> Tensor<D> {
        let place = || Place::norm_of(NormKind::Batch, Some(&self.gamma), Some(&self.beta)).along(1);
        let in_training = input.is_autodiff() && self.training.is_enabled();
        through(input, place, |input| match in_training && is_open() {
            true => batch_norm_train(input, self.gamma.val(), self.beta.val(), self.epsilon).output,
            false => self.forward(input),
        })
    }
}

impl<const D: usize> Watched<Tensor<D>> for Dropout {
    type Output = Tensor<D>;

    fn watched(&self, input: Tensor<D>) -> Tensor<D> {
        if !input.is_autodiff() || !self.training.is_enabled() || self.prob == 0.0 {
            return self.forward(input);
        }
        through(input, || SiteKind::Dropout.into(), |input| self.forward(input))
    }
}

impl Watched<Tensor<2, Int>> for Embedding {
    type Output = Tensor<3>;

    fn watched(&self, input: Tensor<2, Int>) -> Tensor<3> {
        let rows = self.forward(input);
        if !is_open() {
            return rows;
        }
        write(rows, Place::table(&self.weight), vec![]).1
    }
}
