//! One pass from its beginning to its recording.

use std::collections::HashMap;

use burn_core::module::{Flag, Module, ModuleVisitor, Param, ParamId};
use burn_core::tensor::Gradients;
use diagnostics::{PassMode, RecordedLoss, RecordedParameter, Recording, RecordingError, Site};

use super::WatchError;
use super::parameters::{ObservedParameter, observe};
use super::tape::{OpenTape, TapedSite};
use crate::Loss;
use crate::parameter::Trained;

/// Runs the pass, and then the backward pass if anything asks for a gradient.
pub(super) fn record<M: Module, L: Into<Loss>>(
    model: &M,
    pass: impl FnOnce(&M) -> L,
) -> Result<Recording, WatchError> {
    let trained = Trained::of(model);
    let tape = OpenTape::new(paths(model, &trained))
        .ok_or_else(|| WatchError("a watch is open on this thread already; end it first".to_owned()))?;
    let loss: Loss = pass(model).into();
    let tape = tape.take();
    if let Some(error) = tape.error {
        return Err(WatchError(error));
    }
    let [1] = loss.value.dims() else {
        let shape = loss.value.dims();
        return Err(WatchError(format!("the loss has the shape {shape:?}; take its mean over the examples")));
    };
    let gradients = loss.value.is_tracked().then(|| loss.value.backward());
    let parameters = observe(model, &trained, gradients.as_ref());
    let (sites, recorded, out_of_sight) = measured(tape.sites, &parameters, gradients.as_ref());
    let recording = Recording {
        model: type_name::<M>().to_owned(),
        framework: "burn".to_owned(),
        mode: mode(model),
        loss: Some(RecordedLoss {
            value: loss.number(),
            kind: loss.kind,
            reduction: "mean".to_owned(),
            classes: loss.classes,
            logits: loss.outputs,
        }),
        out_of_sight,
        ..Recording::of(sites, recorded)?
    };
    recording.check()?;
    Ok(recording)
}

/// The sites with their gradients, the parameters, and the names of those that no site reads.
fn measured(
    taped: Vec<TapedSite>,
    parameters: &[ObservedParameter],
    gradients: Option<&Gradients>,
) -> (Vec<Site>, Vec<RecordedParameter>, Vec<String>) {
    let place = |id: ParamId| {
        taped.iter().filter_map(|taped| taped.place.weight.as_ref()).find(|weight| weight.id == id)
    };
    let measure =
        |parameter: &ObservedParameter| Some((parameter.id, parameter.measure(place(parameter.id))?));
    let (ids, recorded): (Vec<ParamId>, Vec<RecordedParameter>) =
        parameters.iter().filter_map(measure).unzip();
    let indices: HashMap<ParamId, usize> = ids.iter().enumerate().map(|(at, &id)| (id, at)).collect();
    let sites: Vec<Site> = taped.into_iter().map(|taped| taped.finish(&indices, gradients)).collect();
    let is_read = |id: &ParamId| {
        let at = indices.get(id);
        at.is_some() && sites.iter().any(|site| site.weight.as_ref() == at || site.bias.as_ref() == at)
    };
    let hidden = parameters.iter().filter(|parameter| !is_read(&parameter.id));
    let hidden = hidden.map(|parameter| parameter.path.clone()).collect();
    (sites, recorded, hidden)
}

impl TapedSite {
    /// The site with the gradient and the indices of its parameters.
    fn finish(self, indices: &HashMap<ParamId, usize>, gradients: Option<&Gradients>) -> Site {
        let Self { mut site, place, gradient, .. } = self;
        if let Some(gradient) = gradient.zip(gradients).and_then(|(read, gradients)| read(gradients)) {
            site.add_gradient(gradient.borrowed());
        }
        let index = |id: Option<ParamId>| id.and_then(|id| indices.get(&id).copied());
        site.weight = index(place.weight.map(|weight| weight.id));
        site.bias = index(place.bias);
        site
    }
}

impl From<RecordingError> for WatchError {
    fn from(error: RecordingError) -> Self {
        Self(error.to_string())
    }
}

/// Burn's layers are in training on a device with autodiff, unless their flags are off.
fn mode<M: Module>(model: &M) -> PassMode {
    let mut flags = Flags::default();
    model.visit(&mut flags);
    let frozen = flags.0.contains(&false) && !flags.0.contains(&true);
    let autodiff = model.devices().iter().any(|device| device.is_autodiff());
    if autodiff && !frozen { PassMode::Train } else { PassMode::Eval }
}

/// The training flags of a model's layers.
#[derive(Default)]
struct Flags(Vec<bool>);

impl ModuleVisitor for Flags {
    fn visit_flag(&mut self, flag: &Param<Flag>) {
        self.0.push(flag.is_enabled());
    }
}

/// The paths of the parameters.
fn paths<M: Module>(model: &M, trained: &Trained) -> HashMap<ParamId, String> {
    observe(model, trained, None).into_iter().map(|parameter| (parameter.id, parameter.path)).collect()
}

/// The name of a type, without the modules and parameters around it.
fn type_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    let plain = full.split('<').next().unwrap_or(full);
    plain.rsplit("::").next().unwrap_or(plain)
}
