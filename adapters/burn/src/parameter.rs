//! The parameters of any module: their names, the layers that they belong to, and which are trained.

use std::collections::HashSet;

use burn_core::module::{Module, ModuleVisitor, Param, ParamId};
use burn_core::tensor::{DType, Tensor};
use nn_init::Layout;

/// A parameter of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Burn's identifier.
    pub id: ParamId,
    /// Its path in the module: `hidden.weight`.
    pub path: String,
    /// The type of the layer that it belongs to: `Linear`.
    pub layer: String,
    /// Its shape as it is drawn: `[out, in, kernel…]` for a weight.
    pub shape: Vec<usize>,
    /// The meaning of its axes.
    pub layout: Layout,
}

impl Parameter {
    /// The parameter at a place of a walk through a module.
    pub(crate) fn at<const D: usize>(path: &ModulePath, param: &Param<Tensor<D>>) -> Self {
        let layer = path.layer().to_owned();
        let mut shape = param.lazy_shape().to_vec();
        if kept_transposed(&layer, D) {
            shape.reverse();
        }
        let layout = if is_transposed_convolution(&layer) { Layout::IN_OUT_KERNEL } else { Layout::OUT_IN };
        Self { id: param.id, path: path.text(), layer, shape, layout }
    }
}

/// True if burn stores a parameter of this rank as `[in, out]`, where PyTorch has `[out, in]`.
pub(crate) fn kept_transposed(layer: &str, rank: usize) -> bool {
    layer == "Linear" && rank == 2
}

/// True for layers whose weights are `[in, out, kernel…]`.
pub(crate) fn is_transposed_convolution(layer: &str) -> bool {
    layer.starts_with("ConvTranspose")
}

/// The way to where a walk through a module is: names of fields, each with the type that contains it.
#[derive(Default)]
pub(crate) struct ModulePath(Vec<(String, String)>);

impl ModulePath {
    pub(crate) fn enter(&mut self, name: &str, container: &str) {
        self.0.push((name.to_owned(), container.to_owned()));
    }

    pub(crate) fn exit(&mut self) {
        self.0.pop();
    }

    /// The path: `layers.0.weight`.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".")
    }

    /// The type of the struct that the walk is in.
    fn layer(&self) -> &str {
        let container = self.0.last().map_or("", |(_, container)| container.as_str());
        container.strip_prefix("Struct:").unwrap_or(container)
    }
}

/// Which parameters training changes, and which tensors are no parameters.
#[derive(Debug, Default)]
pub(crate) struct Trained {
    /// The parameters that ask for a gradient, or will once the module is on a device with autodiff.
    pub(crate) trainable: HashSet<ParamId>,
    /// The running statistics of norms and the like.
    pub(crate) buffers: HashSet<ParamId>,
}

impl Trained {
    /// Burn's visitors show a running statistic as they show a frozen parameter. It differs in this: it cannot be made to ask
    /// for a gradient. That is tried on a copy, which shares no state with the module.
    pub(crate) fn of<M: Module>(module: &M) -> Self {
        let copy = module.valid().train();
        let mut asking = Asking::default();
        copy.visit(&mut asking);
        let mut made_to_ask = Asking::default();
        copy.set_require_grad(true).visit(&mut made_to_ask);
        Self { trainable: asking.yes, buffers: made_to_ask.no }
    }
}

/// True for a tensor that is stored in fewer bits than a floating-point number has. It can never ask for a gradient.
pub(crate) fn is_quantized<const D: usize>(tensor: &Tensor<D>) -> bool {
    matches!(tensor.dtype(), DType::QFloat(_))
}

/// The float tensors that ask for a gradient, and those that do not.
#[derive(Default)]
struct Asking {
    yes: HashSet<ParamId>,
    no: HashSet<ParamId>,
}

impl ModuleVisitor for Asking {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.base();
        if tensor.is_require_grad() {
            self.yes.insert(param.id);
        } else if !is_quantized(&tensor) {
            self.no.insert(param.id);
        }
    }
}
