//! Units that are 0 in every example.

use gaussian::expectation;

use super::context::Context;
use super::{Fault, Fix, Verdict};
use crate::format::{fixed, significant};
use crate::report::LayerReport;

pub(super) fn verdict(context: &Context, at: usize) -> Option<Verdict> {
    let layer = &context.first().layers[at];
    let share = |layer: &LayerReport| layer.dead_units() as f64 / layer.units.units() as f64;
    let measured = context.layer(at, share);
    let units = (layer.units.units() * context.seeds.len()) as f64;
    let chance = chance(units, measured.value, zero_by_chance(layer));
    (measured.value > context.limits.dead && chance < context.limits.chance).then(|| {
        let (cause, fix) = cause(context, at);
        let finding = format!(
            "is dead: {} % of its units are 0 in every example, where {} % may be; what follows is not judged.",
            fixed(100.0 * measured.value, 1),
            significant(100.0 * context.limits.dead, 3)
        );
        let location = layer.name.clone();
        Verdict { location, fault: Fault::Dead, measured, limit: context.limits.dead, finding, cause, fix }
    })
}

/// The probability that a healthy unit is 0 in every example: one that is 0 in half of all examples, as a ReLU of a normal
/// pre-activation of mean 0 is.
///
/// Examples whose pre-activations have the cosine similarity c share a part of each: `√c·z + √(1 − c)·w` with z common to
/// all of them is below 0 in all n with the probability `E Φ(z·√(c/(1 − c)))ⁿ`: 2⁻ⁿ at c = 0, and ½ at c = 1, where n
/// examples show no more than one. Without pre-activations, c may be 1. Derived here.
fn zero_by_chance(layer: &LayerReport) -> f64 {
    let (examples, cosine) =
        layer.pre_geometry.map_or((1.0, 1.0), |pre| (pre.examples as f64, pre.mean_cosine_similarity));
    let odds = cosine.clamp(0.0, 1.0) / (1.0 - cosine.clamp(0.0, 1.0));
    if !odds.is_finite() {
        return 0.5;
    }
    expectation(&[], |z| gaussian::cdf(z * odds.sqrt()).powf(examples))
}

/// A bound on the probability that this share of independent units, or more, is 0 by chance if each is with probability p:
/// `exp(−n·KL(share‖p))`, Chernoff's.
fn chance(units: f64, share: f64, p: f64) -> f64 {
    let term = |x: f64, y: f64| if x > 0.0 { x * (x / y).ln() } else { 0.0 };
    if share <= p { 1.0 } else { (-units * (term(share, p) + term(1.0 - share, 1.0 - p))).exp() }
}

/// Names weights that are all 0, otherwise a bias that outweighs the pre-activations.
fn cause(context: &Context, at: usize) -> (Option<String>, Option<Fix>) {
    let layer = &context.first().layers[at];
    let rms = |name: &str| context.named(name, |w| w.weight.summary.rms()).value;
    if let Some(name) = layer.weight.as_deref().filter(|name| rms(name) == 0.0) {
        return (
            Some(format!("Every value of {name} is 0.")),
            Some(Fix::Redraw { parameter: name.to_owned() }),
        );
    }
    let pre = context.pre_rms(at);
    match layer.bias.as_deref().filter(|name| rms(name) > context.limits.bias * pre) {
        Some(name) => {
            let (bias, pre) = (significant(rms(name), 3), significant(pre, 3));
            let cause = format!("{name} has root mean square {bias}, the pre-activations have {pre}.");
            (Some(cause), Some(Fix::Zero { parameter: name.to_owned() }))
        }
        None => (None, None),
    }
}
