//! One observed pass: its values and gradients, as a recording and as statistics.

use candle_core::{DType, Result, Tensor};
use diagnostics::{
    AxisName, Expected, OwnedValues, ParameterView, RecordedLoss, RecordedParameter, Recording, Role, Site,
    SiteAxes, SiteView, Statistic,
};
use half::{bf16, f16};

use super::state::{Known, Loss, Seen, State, Use};
use super::{Watch, mode};
use crate::init::Drawn;
use crate::values::{scalar, values_of};

/// One observed pass, after the backward pass.
pub(crate) struct Pass {
    state: State,
    loss: Loss,
    /// The gradients of the parameters, in order, where there are any.
    gradients: Vec<Option<Tensor>>,
    /// The gradients at the sites, in order, where there are any.
    site_gradients: Vec<Option<Tensor>>,
}

impl Pass {
    /// Runs a model forwards and backwards.
    pub(super) fn of(parameters: Vec<Known>, forward: impl FnOnce(&Watch) -> Result<Tensor>) -> Result<Self> {
        let watch = Watch::on(parameters);
        let value = forward(&watch)?;
        let mut state = watch.0.expect("the watch is on").into_inner();
        scalar(&value)?;
        let noted = state.loss.take().filter(|loss| loss.value.id() == value.id());
        let loss = noted.unwrap_or_else(|| Loss {
            value: value.clone(),
            kind: "other".to_owned(),
            classes: None,
            logits: None,
        });
        let store = value.backward()?;
        let gradients =
            state.parameters.iter().map(|known| store.get(known.variable.as_tensor()).cloned()).collect();
        let site_gradients =
            state.seen.iter().map(|seen| seen.gradient.take(&store)).collect::<Result<_>>()?;
        Ok(Self { state, loss, gradients, site_gradients })
    }

    /// The pass as a recording.
    pub(super) fn recording(&self) -> Result<Recording> {
        let sites: Vec<Site> =
            self.sites().map(|(seen, gradient)| site(seen, gradient)).collect::<Result<_>>()?;
        let parameters: Vec<RecordedParameter> =
            self.parameters().map(|(known, gradient)| parameter(known, gradient)).collect::<Result<_>>()?;
        let mut recording = Recording::of(sites, parameters).map_err(crate::error)?;
        let read =
            |at: usize| self.state.seen.iter().any(|seen| [seen.weight, seen.bias].contains(&Some(at)));
        recording.out_of_sight = (self.state.parameters.iter().enumerate())
            .filter(|(at, known)| !read(*at) && !is_buffer(&known.name))
            .map(|(_, known)| known.name.clone())
            .collect();
        recording.framework = "candle 0.11".to_owned();
        recording.mode = mode(self.state.evaluating);
        recording.loss = Some(RecordedLoss {
            value: scalar(&self.loss.value)?,
            kind: self.loss.kind.clone(),
            reduction: "mean".to_owned(),
            classes: self.loss.classes,
            logits: self.loss.logits,
        });
        recording.check().map_err(crate::error)?;
        Ok(recording)
    }

    /// The trainable variables that received no gradient.
    pub(super) fn without_gradient(&self) -> Vec<String> {
        let without =
            self.parameters().filter(|(known, gradient)| gradient.is_none() && !is_buffer(&known.name));
        without.map(|(known, _)| known.name.clone()).collect()
    }

    /// The sites whose function passes no gradient back.
    pub(super) fn cuts(&self) -> Vec<String> {
        self.state.seen.iter().filter(|seen| seen.cut).map(|seen| seen.name.clone()).collect()
    }

    /// The statistics that a guard compares.
    pub(crate) fn statistics(&self) -> Result<Vec<Statistic>> {
        Ok(self.recording()?.statistics())
    }

    fn sites(&self) -> impl Iterator<Item = (&Seen, Option<&Tensor>)> {
        self.state.seen.iter().zip(self.site_gradients.iter().map(Option::as_ref))
    }

    fn parameters(&self) -> impl Iterator<Item = (&Known, Option<&Tensor>)> {
        self.state.parameters.iter().zip(self.gradients.iter().map(Option::as_ref))
    }
}

/// True for what a batch norm keeps among its variables, although no training step changes it.
fn is_buffer(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("running_mean" | "running_var" | "num_batches_tracked"))
}

/// The axes of values: examples first, the units where they are, positions elsewhere.
fn axes(seen: &Seen) -> SiteAxes {
    let name = |axis: usize| match axis {
        axis if axis == seen.unit_axis => AxisName::Unit,
        0 => AxisName::Example,
        _ => AxisName::Position,
    };
    let names: Vec<AxisName> = (0..seen.shape.len()).map(name).collect();
    SiteAxes::of(&seen.shape, &names).expect("one unit axis, and one name for each axis")
}

fn site(seen: &Seen, gradient: Option<&Tensor>) -> Result<Site> {
    let values = values_of(&seen.values)?;
    let gradient = gradient.map(values_of).transpose()?;
    let mut view = SiteView::new(&seen.name, seen.kind, values.borrowed(), axes(seen));
    (view.function, view.gradient) = (seen.function, gradient.as_ref().map(OwnedValues::borrowed));
    let site = view.measure();
    Ok(Site { norm: seen.norm, inputs: seen.inputs.clone(), weight: seen.weight, bias: seen.bias, ..site })
}

fn parameter(known: &Known, gradient: Option<&Tensor>) -> Result<RecordedParameter> {
    let values = values_of(known.variable.as_tensor())?;
    let gradient = gradient.map(values_of).transpose()?;
    let shape = known.variable.dims();
    let mut view = ParameterView::new(&known.name, values.borrowed(), shape);
    let used = known.used.unwrap_or_else(|| guessed(&known.name, shape));
    (view.role, view.output_axis, view.input_axis) = (used.role, used.output_axis, used.input_axis);
    (view.groups, view.stride) = (used.groups, used.stride);
    view.gradient = gradient.as_ref().map(OwnedValues::borrowed);
    let parts = known.drawn.as_ref().and_then(|drawn| drawn.draw.as_ref());
    // Blocks of equal size along the outputs, such as queries, keys and values.
    let parts = parts.filter(|draw| draw.axis == view.output_axis).map_or(1, |draw| draw.parts.len());
    let outputs = shape.get(view.output_axis).copied().unwrap_or(0);
    view.blocks = if outputs.is_multiple_of(parts.max(1)) { parts.max(1) } else { 1 };
    let expected = known.drawn.as_ref().filter(|_| !is_buffer(&known.name)).and_then(expected);
    Ok(RecordedParameter { trainable: !is_buffer(&known.name), expected, ..view.measure() })
}

/// The moments of the scheme that a variable was drawn from, if one scheme drew all of it.
fn expected(drawn: &Drawn) -> Option<Expected> {
    let moments = drawn.draw.as_ref()?.moments()?;
    // A constant is held to each value, so to the one that the variable's type has.
    let mean = if moments.std == 0.0 { rounded(moments.mean, drawn.dtype) } else { moments.mean };
    Some(Expected { mean, std: moments.std, kurtosis: moments.kurtosis })
}

/// A number as a type holds it that was drawn in single precision.
fn rounded(x: f64, dtype: DType) -> f64 {
    match dtype {
        DType::F16 => f16::from_f32(x as f32).to_f64(),
        DType::BF16 => bf16::from_f32(x as f32).to_f64(),
        _ => x,
    }
}

/// The use of a parameter that no observed layer reads, by its name and shape.
fn guessed(name: &str, shape: &[usize]) -> Use {
    let last = name.rsplit('.').next().unwrap_or(name);
    let table = ["embed", "wte", "wpe"].iter().any(|word| name.contains(word));
    let role = match shape.len() {
        2 if table => Role::Embedding,
        2.. => Role::Weight,
        _ if last.ends_with("bias") => Role::Bias,
        _ if is_buffer(name) => Role::Other,
        _ if ["weight", "gamma"].contains(&last) => Role::NormScale,
        _ if last == "beta" => Role::NormShift,
        _ => Role::Other,
    };
    let (output_axis, input_axis) = if role == Role::Embedding { (1, 0) } else { (0, 1) };
    Use { role, output_axis, input_axis, groups: 1, stride: 1 }
}
