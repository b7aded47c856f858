//! Weights that make signals too large or too small, and saturated layers.

use mean_field::Layer;

use super::context::Context;
use super::gains::allowed_range;
use super::{Estimate, Fault, Verdict, ratio};
use crate::format::significant;
use crate::report::{LayerReport, Report};

/// The gain `√(E w²·fan_in)`: the factor by which a layer's pre-activations are larger than its inputs.
fn gain(report: &Report, at: usize) -> f64 {
    report.theory(at).map_or(f64::NAN, |layer| layer.weight_std * (layer.inputs as f64).sqrt())
}

/// Judges the scale of one layer. A saturation that another verdict has `explained` is not reported.
pub(super) fn verdict(context: &Context, at: usize, explained: bool) -> Option<Verdict> {
    let fault = fault_of(context, at, context.first().theory(at), explained)?;
    Some(verdict_on(context, at, fault))
}

/// [`Limits::gain_margin`](super::Limits::gain_margin) with four standard errors for chance: the gain of n weights has the
/// relative standard error `1/√(2n)`.
fn margin(context: &Context, theory: Option<Layer>) -> f64 {
    let weights =
        theory.map_or(f64::INFINITY, |layer| (layer.inputs * layer.units * context.seeds.len()) as f64);
    context.limits.gain_margin * (1.0 + 4.0 / (2.0 * weights).sqrt())
}

fn fault_of(context: &Context, at: usize, theory: Option<Layer>, explained: bool) -> Option<Fault> {
    let saturated = context.layer(at, LayerReport::saturated).value > context.limits.saturated;
    let gain = context.over(|report| gain(report, at)).value;
    let margin = margin(context, theory);
    let (low, high) =
        theory.map_or((f64::NAN, f64::NAN), |layer| allowed_range(context.critical_gain_range(at), &layer));
    match (gain > high * margin, gain < low / margin, saturated) {
        (true, _, true) => Some(Fault::Saturated),
        (true, _, false) => Some(Fault::TooLarge),
        (_, true, _) => Some(Fault::TooSmall),
        (false, false, true) if !explained => Some(Fault::Saturated),
        _ => None,
    }
}

fn verdict_on(context: &Context, at: usize, fault: Fault) -> Verdict {
    let layer = &context.first().layers[at];
    let gain = context.over(|report| gain(report, at));
    let location = layer.name.clone();
    match fault {
        Fault::Saturated => {
            let measured = context.layer(at, LayerReport::saturated);
            let limit = context.limits.saturated;
            let [share, may] = [measured.value, limit].map(|share| significant(100.0 * share, 3));
            let finding = format!("is saturated: {share} % of its activations, where {may} % may be.");
            Verdict { location, fault, measured, limit, finding, cause: cause(context, at, gain), fix: None }
        }
        _ => {
            let theory = context.first().theory(at);
            let range = theory
                .map_or((f64::NAN, f64::NAN), |layer| allowed_range(context.critical_gain_range(at), &layer));
            let (effect, limit) = match fault {
                Fault::TooSmall => ("makes signals smaller", range.0 / margin(context, theory)),
                _ => ("makes signals larger", range.1 * margin(context, theory)),
            };
            let ratio = context.layer(at, |layer| layer.post.summary.rms()).value;
            let finding = format!("{effect}: activations have root mean square {}.", significant(ratio, 3));
            Verdict {
                location,
                fault,
                measured: gain,
                limit,
                finding,
                cause: cause(context, at, gain),
                fix: None,
            }
        }
    }
}

/// Names the weights if their gain is out of range, otherwise the inputs.
fn cause(context: &Context, at: usize, gain: Estimate) -> Option<String> {
    let report = context.first();
    let layer = &report.layers[at];
    let (theory, name) = (report.theory(at)?, layer.weight.as_deref()?);
    let (low, high) = allowed_range(context.critical_gain_range(at), &theory);
    let [from, to] = [low, high].map(|gain| significant(gain, 3));
    let keeps = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
    let value = significant(gain.value, 3);
    let mut text =
        format!("{name} has gain {value}; {} keeps signals and gradients {keeps}.", theory.activation);
    let margin = margin(context, Some(theory));
    if (low / margin..=high * margin).contains(&gain.value) {
        let enters = context.over(|report| entering(report, at)).value;
        text = format!(
            "Its weight {name} is in order, with gain {value}; what enters has root mean square {}.",
            significant(enters, 3)
        );
    } else if let Some(mistake) = mistake(report, at, gain.value, (low, high)) {
        text = format!("{text} {mistake}");
    }
    Some(text)
}

fn entering(report: &Report, at: usize) -> f64 {
    match at.checked_sub(1) {
        Some(before) => report.layers[before].post.summary.rms(),
        None => (report.inputs.iter().sum::<f64>() / report.inputs.len() as f64).sqrt(),
    }
}

/// The mistake that would turn one end of the allowed range into this gain.
fn mistake(report: &Report, at: usize, gain: f64, (low, high): (f64, f64)) -> Option<String> {
    let weight = report.layers[at].weight.as_deref().and_then(|name| report.weight(name))?;
    if (weight.weight.summary.std() - 1.0).abs() < 0.05 {
        return Some("Its std is 1: it was never divided by √fan_in.".to_owned());
    }
    let tolerance = 3.0 / (2.0 * weight.weight.summary.count as f64).sqrt();
    let fans = report.fans(at).filter(|(fan_in, fan_out)| fan_in != fan_out);
    [high, low].into_iter().find_map(|expected| ratio::mistake(gain / expected, fans, None, tolerance))
}
