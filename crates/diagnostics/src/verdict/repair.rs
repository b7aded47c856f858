//! The factors by which weights must be scaled, and the activations predicted after that.

use mean_field::{Layer, predict, value_squared};

use super::context::Context;
use super::gains::allowed_range;
use super::{Fault, Fix, Verdict};

/// Adds the fix to each verdict on the scale of a layer: the factor at which the weights contribute the variance 1 to the
/// pre-activations, the data-dependent choice of Mishkin & Matas 2016. The inputs are those of repaired layers.
///
/// If nothing is saturated, the gain stays within the allowed range: ReLU has no scale of its own, so a layer of variance 1
/// after one of variance 2 would be another fault.
pub(super) fn fixes(context: &Context, found: &mut [Verdict]) {
    if !found.iter().any(of_scale) {
        return;
    }
    let Some(mut second) = entering(context) else { return };
    let biased = found.iter().filter(|verdict| verdict.fault == Fault::Biased);
    let biased: Vec<String> = biased.map(|verdict| verdict.location.clone()).collect();
    for (at, measured) in context.first().layers.iter().enumerate() {
        let Some(mut layer) = context.first().theory(at) else { return };
        let verdict = found.iter_mut().find(|verdict| of_scale(verdict) && verdict.location == measured.name);
        if let Some((verdict, parameter)) = verdict.zip(measured.weight.clone()) {
            let (low, high) = allowed_range(context.critical_gain_range(at), &layer);
            let unit = 1.0 / second.sqrt();
            let gain = if verdict.fault == Fault::Saturated { unit } else { unit.max(low).min(high) };
            let factor = gain / layer.field().weight.sqrt();
            if !factor.is_finite() {
                return;
            }
            layer.weight_std *= factor;
            if biased.contains(&measured.name) {
                layer.bias_std = 0.0;
            }
            verdict.fix =
                Some(Fix::Scale { parameter, factor, predicted: prediction(context, layer, second) });
        }
        second = value_squared(layer.activation, layer.variance(second));
    }
}

fn of_scale(verdict: &Verdict) -> bool {
    matches!(verdict.fault, Fault::Saturated | Fault::TooLarge | Fault::TooSmall)
}

/// The predicted std of a layer's activations and their saturated share, for inputs with this second moment.
fn prediction(context: &Context, layer: Layer, second: f64) -> Option<(f64, Option<f64>)> {
    let predicted = predict(&[layer], &[second], context.first().settings.saturation).pop()?;
    Some((predicted.std, predicted.saturated))
}

/// `E x²` of the inputs of the first layer; derived from its pre-activations if the inputs are unknown.
fn entering(context: &Context) -> Option<f64> {
    let report = context.first();
    if !report.inputs.is_empty() {
        return Some(report.inputs.iter().sum::<f64>() / report.inputs.len() as f64);
    }
    let (pre, theory) = (report.layers.first()?.pre.as_ref()?, report.theory(0)?);
    let weights = theory.weight_std.powi(2) * theory.inputs as f64;
    let second = (pre.summary.mean_square() - theory.bias_std.powi(2)) / weights;
    (second > 0.0).then_some(second)
}
