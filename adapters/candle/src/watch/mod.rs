//! The second door: one pass of a model as a recording, with all rules of the program.

mod between;
mod layers;
mod pass;
mod probe;
mod report;

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::{Module, Result, Tensor, TensorId, Var};
use candle_nn::{ModuleT, VarMap};
use diagnostics::{Activation, InputRole, NormKind, PassMode, Role, SiteInput, SiteKind};

use crate::Drawn;
use crate::Initialised;
use probe::{Gradient, attach};

pub use layers::{Layer, LayerSite, UnitAxis};
pub(crate) use pass::Pass;
pub use report::WatchReport;

/// Observes one pass of a model.
///
/// A model hands its tensors through it and computes with what comes back: the same values with the same strides. Under
/// [`off`](Self::off) they are the same tensors, and nothing is kept.
pub struct Watch(Option<RefCell<State>>);

#[derive(Default)]
pub(crate) struct State {
    parameters: Vec<Known>,
    seen: Vec<Seen>,
    /// The site of each tensor that was handed back, or that is known to have a site's values.
    sites: HashMap<TensorId, usize>,
    loss: Option<Loss>,
    evaluating: bool,
}

/// A variable of the model, and how it is used.
struct Known {
    name: String,
    variable: Var,
    drawn: Option<Drawn>,
    used: Option<Use>,
}

/// The use of a parameter by a layer.
#[derive(Clone, Copy)]
struct Use {
    role: Role,
    output_axis: usize,
    input_axis: usize,
    groups: usize,
    stride: usize,
}

/// Values that were observed.
struct Seen {
    name: String,
    kind: SiteKind,
    function: Option<Activation>,
    norm: Option<NormKind>,
    values: Tensor,
    gradient: Gradient,
    /// True if the function that computed it passes no gradient back.
    cut: bool,
    /// The shape by which axes are counted.
    shape: Vec<usize>,
    unit_axis: usize,
    inputs: Vec<SiteInput>,
    weight: Option<usize>,
    bias: Option<usize>,
}

/// The loss that a pass ended with.
struct Loss {
    value: Tensor,
    kind: String,
    classes: Option<usize>,
    logits: Option<usize>,
}

impl Watch {
    /// Observes nothing: layers and values go through untouched, so that a model needs only one forward pass.
    pub fn off() -> Self {
        Self(None)
    }

    /// Observes a model of these variables.
    fn on(parameters: Vec<Known>) -> Self {
        Self(Some(RefCell::new(State { parameters, ..State::default() })))
    }

    /// A layer under observation, to be applied as the layer itself: `x.apply(&watch.layer(&self.hidden))`.
    ///
    /// Its name is that of its weight, `encoder.hidden` for `encoder.hidden.weight`.
    pub fn layer<'w, L: Layer>(&'w self, layer: &'w L) -> Watched<'w, L> {
        Watched { watch: self, layer, name: None, unit_axis: None }
    }

    /// A layer whose pass differs between training and evaluation, such as a batch norm.
    ///
    /// # Errors
    /// Those of the layer, and of a site before it whose units are on another axis than the layer's.
    pub fn layer_t<L: Layer + ModuleT>(&self, layer: &L, x: &Tensor, train: bool) -> Result<Tensor> {
        if let Some(state) = &self.0 {
            state.borrow_mut().evaluating |= !train;
        }
        self.through(&layer.site(), None, None, x, |x| layer.forward_t(x, train))
    }

    /// A function of single values: `watch.activation(Activation::Tanh, &x, Tensor::tanh)`.
    ///
    /// # Errors
    /// Those of the function.
    pub fn activation(
        &self,
        function: Activation,
        x: &Tensor,
        compute: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let site = LayerSite { function: Some(function), ..LayerSite::new(SiteKind::Activation) };
        self.through(&site, None, None, x, compute)
    }

    /// The sum of a stream and the branch that was computed from it.
    ///
    /// # Errors
    /// Those of the sum.
    pub fn residual(&self, name: &str, stream: &Tensor, branch: &Tensor) -> Result<Tensor> {
        let sum = (stream + branch)?;
        let site = self.site(name, SiteKind::ResidualSum).stream(stream).branch(branch);
        site.values(&sum)
    }

    /// Values of any kind: say what they were computed from, and hand them over by [`Site::values`].
    pub fn site<'w>(&'w self, name: &'w str, kind: SiteKind) -> Site<'w> {
        let (function, norm, unit_axis, inputs) = (None, None, None, vec![]);
        Site { watch: self, name, kind, function, norm, unit_axis, inputs }
    }

    /// Candle's mean cross-entropy of logits `[examples, classes]`, which the report then compares with that of guessing.
    ///
    /// # Errors
    /// Candle's own.
    pub fn cross_entropy(&self, logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
        let Some(state) = &self.0 else { return candle_nn::loss::cross_entropy(logits, labels) };
        let known = state.borrow().site_of(logits);
        let (logits, at) = match known {
            Some(at) => (logits.clone(), at),
            None => {
                let seen = self.site("logits", SiteKind::Logits).values(logits)?;
                let at = state.borrow().seen.len() - 1;
                (seen, at)
            }
        };
        let value = candle_nn::loss::cross_entropy(&logits, labels)?;
        let (kind, classes) = ("cross_entropy".to_owned(), logits.dims().last().copied());
        state.borrow_mut().loss = Some(Loss { value: value.clone(), kind, classes, logits: Some(at) });
        Ok(value)
    }

    /// Runs a layer on its input and observes both.
    fn through(
        &self,
        layer: &LayerSite<'_>,
        name: Option<&str>,
        stated: Option<usize>,
        x: &Tensor,
        forward: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let Some(state) = &self.0 else { return forward(x) };
        let (name, input) = {
            let mut state = state.borrow_mut();
            let name = state.name_of(layer, name, x);
            let input = state.reading(&name, layer, x)?;
            (name, input)
        };
        let y = forward(x)?;
        state.borrow_mut().layer(name, layer, stated, input, x, &y)
    }
}

impl State {
    /// The site whose values a tensor has: it is what was handed back for the site, or a view of all of its values.
    fn site_of(&self, x: &Tensor) -> Option<usize> {
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
    fn name_of(&self, layer: &LayerSite<'_>, stated: Option<&str>, x: &Tensor) -> String {
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
    fn layer(
        &mut self,
        name: String,
        layer: &LayerSite<'_>,
        stated: Option<usize>,
        input: Option<usize>,
        x: &Tensor,
        y: &Tensor,
    ) -> Result<Tensor> {
        let weight = self.read(&name, "weight", layer.weight, layer)?;
        let bias = self.read(&name, "bias", layer.bias, layer)?;
        let unit_axis = match layer.units.of(y.rank()) {
            Some(own) => {
                check_stated(&name, stated, own, y, layer)?;
                own
            }
            None => self.unit_axis(&name, stated, input, y)?,
        };
        self.use_parameters(layer, weight, bias);
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

    fn use_parameters(&mut self, layer: &LayerSite<'_>, weight: Option<usize>, bias: Option<usize>) {
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
    }

    /// The axis of the units of values that no layer describes: the stated one, or that of what they were computed from, or
    /// the last one of rows.
    fn unit_axis(
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
    fn observe(&mut self, mut seen: Seen, cut: bool) -> Result<Tensor> {
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
    fn unique(&self, name: &str) -> String {
        let taken = |name: &str| self.seen.iter().any(|seen| seen.name == name);
        let numbered = (2..).map(|number| format!("{name} #{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}

impl Seen {
    fn new(name: String, kind: SiteKind, values: &Tensor, unit_axis: usize) -> Self {
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

    fn units(&self) -> usize {
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

/// True if a tensor has the shape, the type and the values of a variable.
fn is_copy(tensor: &Tensor, variable: &Tensor) -> Result<bool> {
    let alike = tensor.dims() == variable.dims() && tensor.dtype() == variable.dtype();
    if alike { between::same(tensor, variable) } else { Ok(false) }
}

/// The address of a tensor's storage, which views share.
fn address(x: &Tensor) -> usize {
    std::ptr::from_ref::<candle_core::Storage>(&x.storage_and_layout().0).addr()
}

/// A layer under observation; it is applied as the layer itself.
pub struct Watched<'w, L> {
    watch: &'w Watch,
    layer: &'w L,
    name: Option<String>,
    unit_axis: Option<usize>,
}

impl<L> Watched<'_, L> {
    /// Names the site, in place of the name of its weight.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// States the axis of the units. The layer knows its own; a statement that contradicts it is an error.
    #[must_use]
    pub fn unit_axis(self, axis: usize) -> Self {
        Self { unit_axis: Some(axis), ..self }
    }
}

impl<L: Layer + Module> Module for Watched<'_, L> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let forward = |x: &Tensor| self.layer.forward(x);
        self.watch.through(&self.layer.site(), self.name.as_deref(), self.unit_axis, x, forward)
    }
}

/// Values of any kind, on their way into a recording.
pub struct Site<'w> {
    watch: &'w Watch,
    name: &'w str,
    kind: SiteKind,
    function: Option<Activation>,
    norm: Option<NormKind>,
    unit_axis: Option<usize>,
    inputs: Vec<(&'w Tensor, Option<InputRole>)>,
}

impl<'w> Site<'w> {
    /// Adds a tensor that the values were computed from.
    #[must_use]
    pub fn reads(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, None));
        self
    }

    /// Adds the stream of a residual sum.
    #[must_use]
    pub fn stream(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, Some(InputRole::Stream)));
        self
    }

    /// Adds the branch of a residual sum.
    #[must_use]
    pub fn branch(mut self, x: &'w Tensor) -> Self {
        self.inputs.push((x, Some(InputRole::Branch)));
        self
    }

    /// Sets the function of an activation.
    #[must_use]
    pub fn function(self, function: Activation) -> Self {
        Self { function: Some(function), ..self }
    }

    /// Sets the kind of a norm.
    #[must_use]
    pub fn norm(self, norm: NormKind) -> Self {
        Self { norm: Some(norm), ..self }
    }

    /// States the axis of the units: 1 for `[batch, channels, height, width]`, 2 for `[batch, time, features]`, 3 for
    /// `[batch, heads, queries, keys]`. Unless it is stated, it is that of what the values were computed from.
    #[must_use]
    pub fn unit_axis(self, axis: usize) -> Self {
        Self { unit_axis: Some(axis), ..self }
    }

    /// Observes the values, and returns what to compute with.
    ///
    /// # Errors
    /// If the axis of the units is neither stated nor known, or does not exist.
    pub fn values(self, values: &Tensor) -> Result<Tensor> {
        let Some(state) = &self.watch.0 else { return Ok(values.clone()) };
        let state = &mut *state.borrow_mut();
        let mut inputs = vec![];
        for &(x, role) in &self.inputs {
            let site = match state.site_of(x) {
                Some(site) => Some(site),
                None => state.between(&format!("{} (input)", self.name), x)?,
            };
            inputs.extend(site.map(|site| SiteInput { site, role }));
        }
        if self.inputs.is_empty() {
            inputs = state.nearest(values).into_iter().map(|site| SiteInput { site, role: None }).collect();
        }
        let first = inputs.first().map(|input| input.site);
        let unit_axis = state.unit_axis(self.name, self.unit_axis, first, values)?;
        let cut = !values.track_op() && self.inputs.iter().any(|(x, _)| x.track_op());
        let (function, norm) = (self.function, self.norm);
        let seen =
            Seen { function, norm, inputs, ..Seen::new(self.name.to_owned(), self.kind, values, unit_axis) };
        state.observe(seen, cut)
    }
}

/// Observes one pass of a model whose variables are in a map: loaded from a file, trained, or initialised elsewhere.
///
/// # Errors
/// Those of the pass, of the backward pass, and of axes that contradict each other.
pub fn watch(variables: &VarMap, forward: impl FnOnce(&Watch) -> Result<Tensor>) -> Result<WatchReport> {
    Pass::of(known(variables, &[]), forward)?.report("", None)
}

impl<M> Initialised<M> {
    /// Observes one pass that ends with the loss, and judges it by all rules. The variables are held to what they were drawn
    /// from; after training, [`watch()`] on [`variables`](Self::variables) is the function that does not do that.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use candle_nn::{Linear, linear};
    /// use diagnostics::Activation;
    /// use step_zero_candle::{Recipe, Watch};
    ///
    /// // The forward pass of a model: the watch is the only thing it has to know.
    /// let forward = |[hidden, head]: &[Linear; 2], x: &Tensor, watch: &Watch| {
    ///     let pre = x.apply(&watch.layer(hidden))?;
    ///     watch.activation(Activation::Relu, &pre, Tensor::relu)?.apply(&watch.layer(head))
    /// };
    /// let build = |vb: candle_nn::VarBuilder| Ok([linear(20, 100, vb.pp("hidden"))?, linear(100, 5, vb.pp("head"))?]);
    /// let mut init = Recipe::candles_own().init(42, build)?;
    ///
    /// let x = Tensor::randn(0_f32, 1.0, (64, 20), &Device::Cpu)?;
    /// let labels = Tensor::arange(0_u32, 64, &Device::Cpu)?.affine(0.0, 3.0)?;
    /// let report = init.watch(|model, watch| watch.cross_entropy(&forward(model, &x, watch)?, &labels))?;
    /// assert_eq!(report.recording().sites[2].name, "hidden.relu");
    /// # Ok::<(), candle_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the pass, of the backward pass, and of axes that contradict each other.
    pub fn watch(&mut self, forward: impl FnOnce(&mut M, &Watch) -> Result<Tensor>) -> Result<WatchReport> {
        let seed = self.seed;
        self.pass(forward)?.report(short_name::<M>(), seed)
    }

    /// One observed pass.
    pub(crate) fn pass(&mut self, forward: impl FnOnce(&mut M, &Watch) -> Result<Tensor>) -> Result<Pass> {
        Pass::of(known(&self.variables, &self.drawn), |watch| forward(&mut self.model, watch))
    }
}

/// The variables of a map, in the order of the draws, or else by name.
fn known(variables: &VarMap, drawn: &[Drawn]) -> Vec<Known> {
    let map = variables.data().lock().expect("no thread panicked with the map");
    let place = |name: &str| drawn.iter().position(|drawn| drawn.name == name);
    let mut all: Vec<(Option<usize>, &String, &Var)> =
        map.iter().map(|(name, variable)| (place(name), name, variable)).collect();
    all.sort_by_key(|&(place, name, _)| (place.unwrap_or(usize::MAX), name));
    let known = |(place, name, variable): (Option<usize>, &String, &Var)| Known {
        name: name.clone(),
        variable: variable.clone(),
        drawn: place.map(|at| drawn[at].clone()),
        used: None,
    };
    all.into_iter().map(known).collect()
}

/// The name of a type without its path; empty for tuples and the like.
fn short_name<M>() -> &'static str {
    let name = std::any::type_name::<M>();
    let last = name.rsplit("::").next().unwrap_or(name);
    let is_plain =
        !name.starts_with(['(', '[', '&']) && last.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain { last } else { "" }
}

/// The mode of a pass.
fn mode(evaluating: bool) -> PassMode {
    if evaluating { PassMode::Eval } else { PassMode::Train }
}
