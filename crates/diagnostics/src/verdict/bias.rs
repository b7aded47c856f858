//! Biases that drown what they are added to.

use super::case::Case;
use super::{Fault, Fix, Verdict};
use crate::{LayerReport, Report, significant};

pub(super) fn verdict(case: &Case, at: usize) -> Option<Verdict> {
    let layer = &case.first().layers[at];
    let name = layer.bias.as_deref()?;
    let share = |report: &Report| {
        let pre = report.layers[at].pre.as_ref().map_or(f64::NAN, |pre| pre.summary.rms());
        report.weight(name).map_or(f64::NAN, |bias| bias.weight.summary.rms()) / pre
    };
    let measured = case.over(share);
    (measured.value > case.limits.bias).then(|| told(case, layer, name, measured))
}

fn told(case: &Case, layer: &LayerReport, name: &str, measured: super::Estimate) -> Verdict {
    let (share, limit) = (significant(100.0 * measured.value, 3), significant(100.0 * case.limits.bias, 3));
    let finding = format!(
        "is biased: the root mean square of {name} is {share} % of that of the pre-activations, where {limit} % may be."
    );
    Verdict {
        place: layer.name.clone(),
        fault: Fault::Biased,
        measured,
        limit: case.limits.bias,
        finding,
        cause: None,
        fix: Some(Fix::Zero { parameter: name.to_owned() }),
    }
}
