//! Biases that dominate the pre-activations.

use super::context::Context;
use super::{Fault, Fix, Verdict};
use crate::format::significant;
use crate::report::{LayerReport, Report};

/// Judges a bias relative to the measured pre-activations. If the weights will be `repaired`, it is judged relative to what
/// the pre-activations will be then: of variance 1 without the bias.
pub(super) fn verdict(context: &Context, at: usize, repaired: bool) -> Option<Verdict> {
    let layer = &context.first().layers[at];
    let name = layer.bias.as_deref()?;
    let share = |report: &Report| {
        let bias = report.weight(name).map_or(f64::NAN, |bias| bias.weight.summary.rms());
        let pre = report.layers[at].pre.as_ref().map_or(f64::NAN, |pre| pre.summary.rms());
        bias / if repaired { 1.0_f64.hypot(bias) } else { pre }
    };
    let measured = context.over(share);
    let whose = if repaired {
        "that of the pre-activations that repaired weights make"
    } else {
        "that of the pre-activations"
    };
    (measured.value > context.limits.bias).then(|| biased(context, layer, name, measured, whose))
}

fn biased(
    context: &Context,
    layer: &LayerReport,
    name: &str,
    measured: super::Estimate,
    whose: &str,
) -> Verdict {
    let (share, limit) =
        (significant(100.0 * measured.value, 3), significant(100.0 * context.limits.bias, 3));
    let finding =
        format!("is biased: the root mean square of {name} is {share} % of {whose}, where {limit} % may be.");
    Verdict {
        location: layer.name.clone(),
        fault: Fault::Biased,
        measured,
        limit: context.limits.bias,
        finding,
        cause: None,
        fix: Some(Fix::Zero { parameter: name.to_owned() }),
    }
}
