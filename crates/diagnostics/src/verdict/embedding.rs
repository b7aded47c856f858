//! Tables from which rows are looked up.

use super::case::Case;
use super::{Fault, Fix, Verdict, ratio};
use crate::{Role, significant};

pub(super) fn verdicts(case: &Case) -> Vec<Verdict> {
    (0..case.first().weights.len()).filter_map(|at| verdict(case, at)).collect()
}

/// A row is an input: of unit size, whatever the number of rows.
fn verdict(case: &Case, at: usize) -> Option<Verdict> {
    let weight = &case.first().weights[at];
    let Role::Embedding { rows } = weight.role else { return None };
    let measured = case.weight(at, |w| w.weight.summary.rms());
    let limit = if measured.value < 1.0 { 1.0 / case.limits.embedding } else { case.limits.embedding };
    let beyond = measured.value < 1.0 / case.limits.embedding || measured.value > case.limits.embedding;
    let tolerance = 3.0 / (2.0 * weight.weight.summary.count as f64).sqrt();
    beyond.then(|| Verdict {
        place: weight.name.clone(),
        fault: Fault::Embedding,
        measured,
        limit,
        finding: format!(
            "has rows of root mean square {}, where inputs are expected within a factor of {} of 1.",
            significant(measured.value, 3),
            significant(case.limits.embedding, 2)
        ),
        cause: ratio::mistake(measured.value, None, Some(rows), tolerance),
        fix: (measured.value > 0.0).then(|| Fix::Scale {
            parameter: weight.name.clone(),
            factor: 1.0 / measured.value,
            predicted: None,
        }),
    })
}
