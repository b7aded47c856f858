//! Units that are 0 in every example.

use super::context::Context;
use super::{Fault, Fix, Verdict};
use crate::format::{fixed, significant};
use crate::report::LayerReport;

pub(super) fn verdict(context: &Context, at: usize) -> Option<Verdict> {
    let layer = &context.first().layers[at];
    let share = |layer: &LayerReport| layer.dead_units() as f64 / layer.units.units() as f64;
    let measured = context.layer(at, share);
    (measured.value > context.limits.dead).then(|| {
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
