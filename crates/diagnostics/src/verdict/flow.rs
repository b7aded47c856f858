//! Activations and gradients that grow or shrink from layer to layer.

use super::context::Context;
use super::{Estimate, Fault, Verdict};
use crate::format::significant;
use crate::report::Report;
use crate::stats::Flow;

/// Judges both directions. Forwards it is silent if the scale of a layer is already at fault, which has the same effect.
pub(super) fn verdicts(context: &Context, found: &[Verdict]) -> Vec<Verdict> {
    let has = |faults: &[Fault]| found.iter().any(|verdict| faults.contains(&verdict.fault));
    if has(&[Fault::Dead]) {
        return vec![];
    }
    let scale = has(&[Fault::TooLarge, Fault::TooSmall, Fault::Saturated, Fault::Biased]);
    let forward =
        direction(context, Report::activation_flow, 1.0, (Fault::ForwardExplodes, Fault::ForwardVanishes));
    let backward =
        direction(context, Report::gradient_flow, -1.0, (Fault::BackwardExplodes, Fault::BackwardVanishes));
    forward.filter(|_| !scale).into_iter().chain(backward).collect()
}

/// Judges the growth in one direction, in nats per layer.
fn direction(
    context: &Context,
    flow: fn(&Report) -> Flow,
    sign: f64,
    (explodes, vanishes): (Fault, Fault),
) -> Option<Verdict> {
    let layers = flow(context.first()).layers() as f64;
    if layers < 2.0 {
        return None;
    }
    let measured = context.over(|report| sign * flow(report).rate());
    let steps = layers - 1.0;
    let limit = (context.limits.rate + allowance(context.first(), layers)).min(context.limits.span / steps);
    (measured.value.abs() > limit).then(|| {
        let fault = if measured.value > 0.0 { explodes } else { vanishes };
        verdict(fault, measured, limit, steps)
    })
}

/// Three standard errors of a slope through the logarithms of this many layers. The root mean square of a layer of n units
/// is known to about `√(2/n)`; the slope through k points divides that by `√(Σ(i − ī)²)`, which is `√(k·(k² − 1)/12)`.
fn allowance(report: &Report, layers: f64) -> f64 {
    let units = report.layers.iter().map(|layer| layer.units.units()).min().unwrap_or(1) as f64;
    3.0 * (2.0 / units).sqrt() / (layers * (layers * layers - 1.0) / 12.0).sqrt()
}

fn verdict(fault: Fault, measured: Estimate, limit: f64, steps: f64) -> Verdict {
    let what = match fault {
        Fault::ForwardExplodes => "explodes forwards: activations grow",
        Fault::ForwardVanishes => "vanishes forwards: activations shrink",
        Fault::BackwardExplodes => "explodes backwards: gradients grow, on their way to the input,",
        _ => "vanishes backwards: gradients shrink, on their way to the input,",
    };
    let rate = measured.value.abs();
    let [rate_text, limit_text] = [rate, limit].map(|x| significant(x, 3));
    let factor = significant((rate * steps).exp(), 2);
    let finding =
        format!("{what} by {rate_text} nats a layer, {factor} times in all, where {limit_text} may be.");
    let location = "network".to_owned();
    let signed = if measured.value < 0.0 { -limit } else { limit };
    Verdict { location, fault, measured, limit: signed, finding, cause: None, fix: None }
}
