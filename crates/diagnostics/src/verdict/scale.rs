//! Weights that make signals larger or smaller, and functions at the ends of their range.

use mean_field::{Critical, Layer, predict, value_squared};
use tensor::Activation;

use super::case::Case;
use super::{Estimate, Fault, Fix, Verdict, ratio};
use crate::{LayerReport, Report, significant};

/// What a network whose faults are repaired hands from layer to layer: `E x²`.
pub(super) struct Signal(Option<f64>);

/// The gains that keep a network alive: the critical one, and the one by which the variance 1 is a fixed point.
fn keeping(activation: Activation) -> (f64, f64) {
    let forward = 1.0 / value_squared(activation, 1.0).sqrt();
    let critical = Critical::of(activation).map_or(forward, |critical| critical.gain);
    (forward.min(critical), forward.max(critical))
}

/// `√(E w²·fan_in)`: by how much a layer's pre-activations are larger than what enters.
fn gain(report: &Report, at: usize) -> f64 {
    report.theory(at).map_or(f64::NAN, |layer| layer.weight_std * (layer.inputs as f64).sqrt())
}

impl Signal {
    /// What enters the first layer; what its pre-activations say where the inputs are not known.
    pub(super) fn entering(case: &Case) -> Self {
        let report = case.first();
        if !report.inputs.is_empty() {
            return Self(Some(report.inputs.iter().sum::<f64>() / report.inputs.len() as f64));
        }
        let first = report.layers.first().filter(|_| report.theory(0).is_some());
        let second = |layer: &LayerReport| {
            let (pre, theory) = (layer.pre.as_ref()?, report.theory(0)?);
            let weights = theory.weight_std.powi(2) * theory.inputs as f64;
            Some((pre.summary.mean_square() - theory.bias_std.powi(2)) / weights)
        };
        Self(first.and_then(second).filter(|&x| x > 0.0))
    }

    /// What is wrong with the scale of one layer, and on to what the repaired layer hands on. A layer of an `explained`
    /// saturation is not blamed for that.
    pub(super) fn pass(&mut self, case: &Case, at: usize, explained: bool) -> Option<Verdict> {
        let theory = case.first().theory(at);
        let fault = beyond(case, at, theory, explained);
        let repair = theory.zip(self.0).and_then(|(layer, x)| repaired(layer, x));
        let verdict = fault.map(|fault| verdict(case, at, fault, repair));
        self.0 = self.0.zip(theory).map(|(x, layer)| {
            let scaled = |(factor, _): (f64, _)| layer.weight_std * factor;
            let weight_std = repair.filter(|_| fault.is_some()).map_or(layer.weight_std, scaled);
            value_squared(layer.activation, Layer { weight_std, ..layer }.variance(x))
        });
        verdict
    }
}

/// A factor for the weights by which they add the variance 1 to the pre-activations, the data-dependent choice of
/// Mishkin & Matas 2016; and what the layer then shows: std and saturated share, at the default threshold.
type Repair = (f64, (f64, Option<f64>));

fn repaired(layer: Layer, x: f64) -> Option<Repair> {
    let factor = 1.0 / (layer.weight_std * (layer.inputs as f64 * x).sqrt());
    let layer = Layer { weight_std: layer.weight_std * factor, ..layer };
    let shown = predict(&[layer], &[x], crate::Settings::default().saturation).pop()?;
    factor.is_finite().then_some((factor, (shown.std, shown.saturated)))
}

fn beyond(case: &Case, at: usize, theory: Option<Layer>, explained: bool) -> Option<Fault> {
    let saturated = case.layer(at, LayerReport::saturated).value > case.limits.saturated
        && case.first().layers[at]
            .activation
            .is_none_or(|f| f.limits().0.is_finite() && f.limits().1.is_finite());
    let gain = case.over(|report| gain(report, at)).value;
    let margin = case.limits.gain_margin;
    let (low, high) = theory.map_or((f64::NAN, f64::NAN), |layer| keeping(layer.activation));
    match (gain > high * margin, gain < low / margin, saturated) {
        (true, _, true) => Some(Fault::Saturated),
        (true, _, false) => Some(Fault::TooLarge),
        (_, true, _) => Some(Fault::TooSmall),
        (false, false, true) if !explained => Some(Fault::Saturated),
        _ => None,
    }
}

fn verdict(case: &Case, at: usize, fault: Fault, repair: Option<Repair>) -> Verdict {
    let layer = &case.first().layers[at];
    let gain = case.over(|report| gain(report, at));
    let fix = repair.zip(layer.weight.clone()).map(|((factor, predicted), parameter)| Fix::Scale {
        parameter,
        factor,
        predicted: Some(predicted),
    });
    let place = layer.name.clone();
    match fault {
        Fault::Saturated => {
            let measured = case.layer(at, LayerReport::saturated);
            let limit = case.limits.saturated;
            let [share, may] = [measured.value, limit].map(|share| significant(100.0 * share, 3));
            let finding = format!("is saturated: {share} % of its activations, where {may} % may be.");
            Verdict { place, fault, measured, limit, finding, cause: cause(case, at, gain), fix }
        }
        _ => {
            let keeping =
                case.first().theory(at).map_or((f64::NAN, f64::NAN), |layer| keeping(layer.activation));
            let (effect, limit) = match fault {
                Fault::TooSmall => ("makes signals smaller", keeping.0 / case.limits.gain_margin),
                _ => ("makes signals larger", keeping.1 * case.limits.gain_margin),
            };
            let ratio = case.layer(at, |layer| layer.post.summary.rms()).value;
            let finding = format!("{effect}: activations have root mean square {}.", significant(ratio, 3));
            Verdict { place, fault, measured: gain, limit, finding, cause: cause(case, at, gain), fix }
        }
    }
}

/// The weights if their gain is out of range, else what enters.
fn cause(case: &Case, at: usize, gain: Estimate) -> Option<String> {
    let report = case.first();
    let layer = &report.layers[at];
    let (theory, name) = (report.theory(at)?, layer.weight.as_deref()?);
    let (low, high) = keeping(theory.activation);
    let [from, to] = [low, high].map(|gain| significant(gain, 3));
    let keeps = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
    let value = significant(gain.value, 3);
    let mut text =
        format!("{name} has gain {value}; {} keeps signals and gradients {keeps}.", theory.activation);
    let margin = case.limits.gain_margin;
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
    let fans = report.fans(at).filter(|(fan_in, fan_out)| fan_in != fan_out);
    [high, low].into_iter().find_map(|keeping| ratio::mistake(gain / keeping, fans, None, 0.01))
}
