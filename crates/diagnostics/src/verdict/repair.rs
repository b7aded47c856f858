//! By how much weights would have to be scaled, and what the network would show then.

use mean_field::{Layer, predict, value_squared};

use super::case::Case;
use super::gains::in_use;
use super::{Fault, Fix, Verdict};

/// Gives the verdicts on the scale of layers their fix: the factor by which the weights add the variance 1 to the
/// pre-activations, the data-dependent choice of Mishkin & Matas 2016. Signals come from layers that are repaired too.
///
/// Where nothing is saturated, the gain stays among those that keep the function alive: a ReLU has no size of its own, so
/// that a layer of variance 1 after one of variance 2 would be another fault.
pub(super) fn fixes(case: &Case, found: &mut [Verdict]) {
    if !found.iter().any(of_scale) {
        return;
    }
    let Some(mut second) = entering(case) else { return };
    let biased = found.iter().filter(|verdict| verdict.fault == Fault::Biased);
    let biased: Vec<String> = biased.map(|verdict| verdict.place.clone()).collect();
    for (at, shown) in case.first().layers.iter().enumerate() {
        let Some(mut layer) = case.first().theory(at) else { return };
        let verdict = found.iter_mut().find(|verdict| of_scale(verdict) && verdict.place == shown.name);
        if let Some((verdict, parameter)) = verdict.zip(shown.weight.clone()) {
            let (low, high) = in_use(case.keeping(at), &layer);
            let unit = 1.0 / second.sqrt();
            let gain = if verdict.fault == Fault::Saturated { unit } else { unit.max(low).min(high) };
            let factor = gain / layer.field().weight.sqrt();
            if !factor.is_finite() {
                return;
            }
            layer.weight_std *= factor;
            if biased.contains(&shown.name) {
                layer.bias_std = 0.0;
            }
            verdict.fix = Some(Fix::Scale { parameter, factor, predicted: promise(case, layer, second) });
        }
        second = value_squared(layer.activation, layer.variance(second));
    }
}

fn of_scale(verdict: &Verdict) -> bool {
    matches!(verdict.fault, Fault::Saturated | Fault::TooLarge | Fault::TooSmall)
}

/// The std of a layer's activations and their saturated share, for inputs of this second moment.
fn promise(case: &Case, layer: Layer, second: f64) -> Option<(f64, Option<f64>)> {
    let shown = predict(&[layer], &[second], case.first().settings.saturation).pop()?;
    Some((shown.std, shown.saturated))
}

/// `E x²` of what enters the first layer; where the inputs are not known, what its pre-activations say.
fn entering(case: &Case) -> Option<f64> {
    let report = case.first();
    if !report.inputs.is_empty() {
        return Some(report.inputs.iter().sum::<f64>() / report.inputs.len() as f64);
    }
    let (pre, theory) = (report.layers.first()?.pre.as_ref()?, report.theory(0)?);
    let weights = theory.weight_std.powi(2) * theory.inputs as f64;
    let second = (pre.summary.mean_square() - theory.bias_std.powi(2)) / weights;
    (second > 0.0).then_some(second)
}
