//! Embeddings, whose rows are the inputs of a network.

use super::context::Context;
use super::{Fault, Fix, Verdict, finite, ratio};
use crate::format::significant;
use crate::report::Role;

pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let finite = (0..context.first().weights.len()).filter(|&at| finite::is_finite(context, at));
    finite.filter_map(|at| verdict(context, at)).collect()
}

/// Judges the size of an embedding's rows: about 1, whatever their number.
fn verdict(context: &Context, at: usize) -> Option<Verdict> {
    let weight = &context.first().weights[at];
    if weight.role != Role::Embedding {
        return None;
    }
    let measured = context.weight(at, |w| w.weight.summary.rms());
    let limit = if measured.value < 1.0 { 1.0 / context.limits.embedding } else { context.limits.embedding };
    let far = measured.value < 1.0 / context.limits.embedding || measured.value > context.limits.embedding;
    let tolerance = 3.0 / (2.0 * weight.weight.summary.count as f64).sqrt();
    far.then(|| Verdict {
        location: weight.name.clone(),
        fault: Fault::Embedding,
        measured,
        limit,
        finding: format!(
            "has rows of root mean square {}, where inputs are expected within a factor of {} of 1.",
            significant(measured.value, 3),
            significant(context.limits.embedding, 2)
        ),
        cause: ratio::mistake(measured.value, None, weight.rows, tolerance),
        fix: (measured.value > 0.0).then(|| Fix::Scale {
            parameter: weight.name.clone(),
            factor: 1.0 / measured.value,
            predicted: None,
        }),
    })
}
