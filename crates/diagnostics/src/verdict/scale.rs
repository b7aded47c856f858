//! Weights that make signals larger or smaller, and functions at the ends of their range.

use mean_field::Layer;

use super::case::Case;
use super::gains::in_use;
use super::{Estimate, Fault, Verdict, ratio};
use crate::{LayerReport, Report, significant};

/// `√(E w²·fan_in)`: by how much a layer's pre-activations are larger than what enters.
fn gain(report: &Report, at: usize) -> f64 {
    report.theory(at).map_or(f64::NAN, |layer| layer.weight_std * (layer.inputs as f64).sqrt())
}

/// What is wrong with the scale of one layer. A layer of an `explained` saturation is not blamed for that.
pub(super) fn verdict(case: &Case, at: usize, explained: bool) -> Option<Verdict> {
    let fault = beyond(case, at, case.first().theory(at), explained)?;
    Some(told(case, at, fault))
}

/// [`Limits::gain_margin`](super::Limits::gain_margin), and what chance makes of the gain of n weights: `√(2n)` is the
/// inverse of its relative standard error.
fn margin(case: &Case, theory: Option<Layer>) -> f64 {
    let weights =
        theory.map_or(f64::INFINITY, |layer| (layer.inputs * layer.units * case.seeds.len()) as f64);
    case.limits.gain_margin * (1.0 + 4.0 / (2.0 * weights).sqrt())
}

fn beyond(case: &Case, at: usize, theory: Option<Layer>, explained: bool) -> Option<Fault> {
    let saturated = case.layer(at, LayerReport::saturated).value > case.limits.saturated;
    let gain = case.over(|report| gain(report, at)).value;
    let margin = margin(case, theory);
    let (low, high) = theory.map_or((f64::NAN, f64::NAN), |layer| in_use(case.keeping(at), &layer));
    match (gain > high * margin, gain < low / margin, saturated) {
        (true, _, true) => Some(Fault::Saturated),
        (true, _, false) => Some(Fault::TooLarge),
        (_, true, _) => Some(Fault::TooSmall),
        (false, false, true) if !explained => Some(Fault::Saturated),
        _ => None,
    }
}

fn told(case: &Case, at: usize, fault: Fault) -> Verdict {
    let layer = &case.first().layers[at];
    let gain = case.over(|report| gain(report, at));
    let place = layer.name.clone();
    match fault {
        Fault::Saturated => {
            let measured = case.layer(at, LayerReport::saturated);
            let limit = case.limits.saturated;
            let [share, may] = [measured.value, limit].map(|share| significant(100.0 * share, 3));
            let finding = format!("is saturated: {share} % of its activations, where {may} % may be.");
            Verdict { place, fault, measured, limit, finding, cause: cause(case, at, gain), fix: None }
        }
        _ => {
            let theory = case.first().theory(at);
            let keeping = theory.map_or((f64::NAN, f64::NAN), |layer| in_use(case.keeping(at), &layer));
            let (effect, limit) = match fault {
                Fault::TooSmall => ("makes signals smaller", keeping.0 / margin(case, theory)),
                _ => ("makes signals larger", keeping.1 * margin(case, theory)),
            };
            let ratio = case.layer(at, |layer| layer.post.summary.rms()).value;
            let finding = format!("{effect}: activations have root mean square {}.", significant(ratio, 3));
            Verdict { place, fault, measured: gain, limit, finding, cause: cause(case, at, gain), fix: None }
        }
    }
}

/// The weights if their gain is out of range, else what enters.
fn cause(case: &Case, at: usize, gain: Estimate) -> Option<String> {
    let report = case.first();
    let layer = &report.layers[at];
    let (theory, name) = (report.theory(at)?, layer.weight.as_deref()?);
    let (low, high) = in_use(case.keeping(at), &theory);
    let [from, to] = [low, high].map(|gain| significant(gain, 3));
    let keeps = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
    let value = significant(gain.value, 3);
    let mut text =
        format!("{name} has gain {value}; {} keeps signals and gradients {keeps}.", theory.activation);
    let margin = margin(case, Some(theory));
    if (low / margin..=high * margin).contains(&gain.value) {
        let enters = case.over(|report| entering(report, at)).value;
        text = format!(
            "Its weight {name} is in order, with gain {value}; what enters has root mean square {}.",
            significant(enters, 3)
        );
    } else if let Some(mistake) = named(report, at, gain.value, (low, high)) {
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

/// The mistake that would make this gain of one of the two that keep.
fn named(report: &Report, at: usize, gain: f64, (low, high): (f64, f64)) -> Option<String> {
    let weight = report.layers[at].weight.as_deref().and_then(|name| report.weight(name))?;
    if (weight.weight.summary.std() - 1.0).abs() < 0.05 {
        return Some("Its std is 1: it was never divided by √fan_in.".to_owned());
    }
    let tolerance = 3.0 / (2.0 * weight.weight.summary.count as f64).sqrt();
    let fans = report.fans(at).filter(|(fan_in, fan_out)| fan_in != fan_out);
    [high, low].into_iter().find_map(|keeping| ratio::mistake(gain / keeping, fans, None, tolerance))
}
