//! A model's parameters with their numbers and gradients.

use burn_core::module::{Module, ModuleVisitor, Param, ParamId};
use burn_core::tensor::{Gradients, Tensor};
use diagnostics::{OwnedValues, ParameterView, RecordedParameter, Role};

use super::place::PlaceWeight;
use crate::Parameter;
use crate::parameter::{ModulePath, Trained, is_transposed_convolution, kept_transposed};
use crate::values::values_of;

/// A parameter after a pass.
pub(crate) struct ObservedParameter {
    pub(crate) id: ParamId,
    pub(crate) path: String,
    layer: String,
    shape: Vec<usize>,
    role: Role,
    trainable: bool,
    /// `None` for a quantized weight.
    values: Option<OwnedValues>,
    /// `None` without a backward pass, for a frozen parameter, and where the loss does not depend on it.
    gradient: Option<OwnedValues>,
}

impl ObservedParameter {
    /// The measurements. The weight as its place describes it knows of groups and strides.
    pub(crate) fn measure(&self, place: Option<&PlaceWeight>) -> Option<RecordedParameter> {
        let values = self.values.as_ref()?;
        let view = ParameterView::new(&self.path, values.borrowed(), &self.shape);
        let by_layer =
            kept_transposed(&self.layer, self.shape.len()) || is_transposed_convolution(&self.layer);
        let (output_axis, input_axis) = match place {
            Some(place) => (place.output_axis, place.input_axis),
            None if by_layer && self.shape.len() > 1 => (1, 0),
            None => (0, 1),
        };
        let (groups, stride) = place.map_or((1, 1), |place| (place.groups, place.stride));
        let gradient = self.gradient.as_ref().map(OwnedValues::borrowed);
        let view =
            ParameterView { role: self.role, output_axis, input_axis, groups, stride, gradient, ..view };
        Some(RecordedParameter { trainable: self.trainable, ..view.measure() })
    }
}

/// The parameters of a model, without its running statistics; one that two fields share is listed once.
pub(crate) fn observe<M: Module>(
    model: &M,
    trained: &Trained,
    gradients: Option<&Gradients>,
) -> Vec<ObservedParameter> {
    let mut observing = Observing { trained, gradients, path: ModulePath::default(), found: Vec::new() };
    model.visit(&mut observing);
    observing.found
}

struct Observing<'a> {
    trained: &'a Trained,
    gradients: Option<&'a Gradients>,
    path: ModulePath,
    found: Vec<ObservedParameter>,
}

impl ModuleVisitor for Observing<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let id = param.id;
        if self.trained.buffers.contains(&id) || self.found.iter().any(|parameter| parameter.id == id) {
            return;
        }
        let Parameter { path, layer, .. } = Parameter::at(&self.path, param);
        let tensor = param.base();
        let gradient = self.gradients.and_then(|gradients| tensor.grad(gradients));
        self.found.push(ObservedParameter {
            id,
            role: role(&layer, &path, D),
            path,
            layer,
            shape: tensor.dims().to_vec(),
            trainable: self.trained.trainable.contains(&id),
            values: values_of(&tensor),
            gradient: gradient.and_then(|gradient| values_of(&gradient)),
        });
    }
}

/// The purpose of a parameter, by the names that burn-nn gives.
fn role(layer: &str, path: &str, rank: usize) -> Role {
    let field = path.rsplit('.').next().unwrap_or(path);
    match field {
        _ if layer == "Embedding" => Role::Embedding,
        "gamma" if layer.ends_with("Norm") => Role::NormScale,
        "beta" if layer.ends_with("Norm") => Role::NormShift,
        "bias" => Role::Bias,
        _ if rank > 1 => Role::Weight,
        _ => Role::Other,
    }
}
