//! The second door: one pass of a model as a recording, with all rules of the program.

mod between;
mod layers;
mod pass;
mod probe;
mod report;
mod site;
mod state;
mod watched;

use std::cell::RefCell;

use candle_core::{Result, Tensor, Var};
use candle_nn::{ModuleT, VarMap};
use diagnostics::{Activation, PassMode, SiteKind};

use crate::Drawn;
use crate::Initialised;
use state::{Known, Loss, State};

pub use layers::{LayerSite, Observable, UnitAxis};
pub(crate) use pass::Pass;
pub use report::WatchReport;
pub use site::SiteBuilder;
pub use watched::Watched;

/// Observes one pass of a model.
///
/// A model hands its tensors through it and computes with what comes back: the same values with the same strides. Under
/// [`off`](Self::off) they are the same tensors, and nothing is kept.
pub struct Watch(Option<RefCell<State>>);

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
    pub fn layer<'w, L: Observable>(&'w self, layer: &'w L) -> Watched<'w, L> {
        Watched::new(self, layer)
    }

    /// A layer that is applied by another method than `forward`: `watch.layer_by(&self.norm, &x, RmsNorm::forward_diff)`.
    ///
    /// # Errors
    /// Those of the layer, and of a site before it whose units are on another axis than the layer's.
    pub fn layer_by<L: Observable>(
        &self,
        layer: &L,
        x: &Tensor,
        forward: impl FnOnce(&L, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        self.through(&layer.site(), None, None, x, |x| forward(layer, x))
    }

    /// A layer whose pass differs between training and evaluation, such as a batch norm.
    ///
    /// # Errors
    /// Those of the layer, and of a site before it whose units are on another axis than the layer's.
    pub fn layer_t<L: Observable + ModuleT>(&self, layer: &L, x: &Tensor, train: bool) -> Result<Tensor> {
        if let Some(state) = &self.0 {
            state.borrow_mut().evaluating |= !train;
        }
        self.layer_by(layer, x, |layer, x| layer.forward_t(x, train))
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

    /// Values of any kind: say what they were computed from, and hand them over by [`SiteBuilder::values`].
    pub fn site<'w>(&'w self, name: &'w str, kind: SiteKind) -> SiteBuilder<'w> {
        SiteBuilder::new(self, name, kind)
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
