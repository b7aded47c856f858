//! The sites and parameters that a watch has observed so far.

use std::collections::HashMap;

use candle_core::{Result, Tensor, TensorId, Var};
use diagnostics::{Activation, NormKind, Role, SiteInput, SiteKind};

use super::LayerSite;
use super::between;
use super::probe::{Gradient, attach};
use crate::Drawn;

#[derive(Default)]
pub(crate) struct State {
    pub(super) parameters: Vec<Known>,
    pub(super) seen: Vec<Seen>,
    /// The site of each tensor that was handed back, or that is known to have a site's values.
    pub(super) sites: HashMap<TensorId, usize>,
    pub(super) loss: Option<Loss>,
    pub(super) evaluating: bool,
}

/// A variable of the model, and how it is used.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) variable: Var,
    pub(super) drawn: Option<Drawn>,
    pub(super) used: Option<Use>,
}

/// The use of a parameter by a layer.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub(super) role: Role,
    pub(super) output_axis: usize,
    pub(super) input_axis: usize,
    pub(super) groups: usize,
    pub(super) stride: usize,
}

/// Values that were observed.
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) kind: SiteKind,
    pub(super) function: Option<Activation>,
    pub(super) norm: Option<NormKind>,
    pub(super) values: Tensor,
    pub(super) gradient: Gradient,
    /// True if the function that computed it passes no gradient back.
    pub(super) cut: bool,
    /// The shape by which axes are counted.
    pub(super) shape: Vec<usize>,
    pub(super) unit_axis: usize,
    pub(super) inputs: Vec<SiteInput>,
    pub(super) weight: Option<usize>,
    pub(super) bias: Option<usize>,
}

/// The loss that a pass ended with.
pub(super) struct Loss {
    pub(super) value: Tensor,
    pub(super) kind: String,
    pub(super) classes: Option<usize>,
    pub(super) logits: Option<usize>,
}

impl State {
    /// The site whose values a tensor has: it is what was handed back for the site, or a view of all of its values.
    pub(super) fn site_of(&self, x: &Tensor) -> Option<usize> {
        let same =
            |seen: &Seen| address(&seen.values) == address(x) && seen.values.elem_count() == x.elem_count();
        self.sites.get(&x.id()).copied().or_else(|| self.seen.iter().position(same))
    }

    fn parameter_of(&self, tensor: Option<&Tensor>) -> Option<usize> {
        let id = tensor?.id();
        self.parameters.iter().position(|known| known.variable.id() == id)
    }

    fn parameter_named(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|known| known.name == name)
    }

    /// The stated name, that of the weight without its last part, or that of the input with the function.
    pub(super) fn name_of(&self, layer: &LayerSite<'_>, stated: Option<&str>, x: &Tensor) -> String {
        let of_weight = || {
            let name = &self.parameters[self.parameter_of(layer.weight)?].name;
            Some(name.rsplit_once('.').map_or(name.as_str(), |(path, _)| path).to_owned())
        };
        let of_input = || {
            let before = &self.seen[self.site_of(x)?].name;
            Some(format!("{before}.{}", layer.function?.name()))
        };
        let kind = || layer.function.map_or(layer.kind.name(), Activation::name).to_owned();
        stated.map(str::to_owned).or_else(of_weight).or_else(of_input).unwrap_or_else(kind)
    }

    /// The parameter that a layer reads: the variable itself, or the one that is named after the layer if the layer has a copy
    /// of its values, as a frozen one does, or hides it, as a group norm does.
    fn read(
        &self,
        name: &str,
        suffix: &str,
        tensor: Option<&Tensor>,
        layer: &LayerSite<'_>,
    ) -> Result<Option<usize>> {
        if let Some(at) = self.parameter_of(tensor) {
            return Ok(Some(at));
        }
        let Some(at) = self.parameter_named(&format!("{name}.{suffix}")) else { return Ok(None) };
        let fits = match tensor {
            Some(tensor) => is_copy(tensor, &self.parameters[at].variable)?,
            None => layer.kind == SiteKind::Norm && layer.weight.is_none(),
        };
        Ok(fits.then_some(at))
    }

    /// Observes what a layer returned.
    pub(super) fn layer(
        &mut self,
        name: String,
        layer: &LayerSite<'_>,
        stated: Option<usize>,
        input: Option<usize>,
        x: &Tensor,
        y: &Tensor,
    ) -> Result<Tensor> {
        let unit_axis = match layer.units.of(y.rank()) {
            Some(own) => {
                check_stated(&name, stated, own, y, layer)?;
                own
            }
            None => self.unit_axis(&name, stated, input, y)?,
        };
        check_outputs(&name, unit_axis, y, layer)?;
        let (weight, bias) = self.parameters(&name, layer)?;
        let seen = Seen {
            function: layer.function,
            norm: layer.norm,
            inputs: input.map(|site| SiteInput { site, role: None }).into_iter().collect(),
            weight,
            bias,
            ..Seen::new(name, layer.kind, y, unit_axis)
        };
        self.observe(seen, x.track_op() && !y.track_op())
    }

    /// The weight and the bias of a layer, which uses them from now on.
    pub(super) fn parameters(
        &mut self,
        name: &str,
        layer: &LayerSite<'_>,
    ) -> Result<(Option<usize>, Option<usize>)> {
        let weight = self.read(name, "weight", layer.weight, layer)?;
        let bias = self.read(name, "bias", layer.bias, layer)?;
        let [weight_role, bias_role] = match layer.kind {
            SiteKind::Embedding => [Role::Embedding, Role::Bias],
            SiteKind::Norm => [Role::NormScale, Role::NormShift],
            _ => [Role::Weight, Role::Bias],
        };
        let (output_axis, input_axis) = match layer.kind {
            SiteKind::TransposedConvolution | SiteKind::Embedding => (1, 0),
            _ => (0, 1),
        };
        let of = |role| Use { role, output_axis, input_axis, groups: layer.groups, stride: layer.stride };
        for (at, role) in [(weight, weight_role), (bias, bias_role)] {
            let Some(known) = at.map(|at| &mut self.parameters[at]) else { continue };
            // A head that is tied to an embedding is used as both; the table was there first.
            known.used.get_or_insert(of(role));
        }
        Ok((weight, bias))
    }

    /// The axis of the units of values that no layer describes: the stated one, or that of what they were computed from, or
    /// the last one of rows.
    pub(super) fn unit_axis(
        &self,
        name: &str,
        stated: Option<usize>,
        input: Option<usize>,
        y: &Tensor,
    ) -> Result<usize> {
        let dims = y.dims();
        if let Some(axis) = stated {
            if axis >= dims.len() {
                return Err(crate::error(format!(
                    "{name}: its units were stated on axis {axis}, but it has {} axes: {dims:?}",
                    dims.len()
                )));
            }
            return Ok(axis);
        }
        let inherited = input.map(|at| &self.seen[at]).filter(|seen| {
            seen.shape.len() == dims.len() && seen.shape[seen.unit_axis] == dims[seen.unit_axis]
        });
        match inherited {
            Some(seen) => Ok(seen.unit_axis),
            None if dims.len() <= 2 => Ok(dims.len().saturating_sub(1)),
            None => Err(crate::error(format!(
                "{name}: which of the axes of {dims:?} are its units? State it by unit_axis"
            ))),
        }
    }

    /// Adds values, and returns them with a probe.
    pub(super) fn observe(&mut self, mut seen: Seen, cut: bool) -> Result<Tensor> {
        let (probed, gradient) = attach(&seen.values, cut)?;
        let at = self.seen.len();
        // Values that are handed on as they are keep the site that computed them.
        self.sites.entry(seen.values.id()).or_insert(at);
        self.sites.insert(probed.id(), at);
        seen.name = self.unique(&seen.name);
        (seen.values, seen.gradient, seen.cut) = (probed.clone(), gradient, cut);
        self.seen.push(seen);
        Ok(probed)
    }

    /// A name that no site has yet.
    pub(super) fn unique(&self, name: &str) -> String {
        let taken = |name: &str| self.seen.iter().any(|seen| seen.name == name);
        let numbered = (2..).map(|number| format!("{name} #{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}

impl Seen {
    pub(super) fn new(name: String, kind: SiteKind, values: &Tensor, unit_axis: usize) -> Self {
        Self {
            name,
            kind,
            function: None,
            norm: None,
            values: values.clone(),
            gradient: Gradient::None,
            cut: false,
            shape: values.dims().to_vec(),
            unit_axis,
            inputs: vec![],
            weight: None,
            bias: None,
        }
    }

    pub(super) fn units(&self) -> usize {
        self.shape.get(self.unit_axis).copied().unwrap_or(1)
    }
}

/// Refuses a stated axis that is not the layer's own.
fn check_stated(
    name: &str,
    stated: Option<usize>,
    own: usize,
    y: &Tensor,
    layer: &LayerSite<'_>,
) -> Result<()> {
    let Some(stated) = stated.filter(|&stated| stated != own) else { return Ok(()) };
    let size = y.dims().get(stated).map_or("which it lacks".to_owned(), |size| format!("of size {size}"));
    let weight = match (layer.weight, layer.sizes()) {
        (Some(weight), Some((outputs, _))) => {
            format!("its weight {:?} has {outputs} outputs, on axis {own}", weight.dims())
        }
        _ => format!("a {} has them on axis {own}", layer.kind),
    };
    Err(crate::error(format!(
        "{name}: its units were stated on axis {stated} of {:?}, {size}, but {weight}",
        y.dims()
    )))
}

/// Refuses an axis that has another size than the weight has outputs.
pub(super) fn check_outputs(name: &str, axis: usize, y: &Tensor, layer: &LayerSite<'_>) -> Result<()> {
    let (Some(weight), Some((outputs, _))) = (layer.weight, layer.sizes()) else { return Ok(()) };
    let size = y.dims().get(axis).copied().unwrap_or(1);
    if size == outputs {
        return Ok(());
    }
    Err(crate::error(format!(
        "{name}: its units are on axis {axis} of {:?}, of size {size}, but its weight {:?} has {outputs} outputs",
        y.dims(),
        weight.dims()
    )))
}

/// True if a tensor has the shape, the type and the values of a variable.
fn is_copy(tensor: &Tensor, variable: &Tensor) -> Result<bool> {
    let alike = tensor.dims() == variable.dims() && tensor.dtype() == variable.dtype();
    if alike { between::same(tensor, variable) } else { Ok(false) }
}

/// The address of a tensor's storage, which views share.
fn address(x: &Tensor) -> usize {
    std::ptr::from_ref::<candle_core::Storage>(&x.storage_and_layout().0).addr()
}
