//! Parameters against the law that they were to be drawn from.

use super::case::Case;
use super::{Estimate, Fault, Fix, Verdict, ratio};
use crate::{Law, Role, WeightReport, significant};

pub(super) fn verdicts(case: &Case) -> Vec<Verdict> {
    (0..case.first().weights.len()).filter_map(|at| verdict(case, at)).collect()
}

fn verdict(case: &Case, at: usize) -> Option<Verdict> {
    let law = case.first().weights[at].law?;
    if law.std == 0.0 {
        constant(case, at, law)
    } else {
        spread(case, at, law).or_else(|| centre(case, at, law))
    }
}

/// How many values were drawn at all seeds together.
fn draws(case: &Case, at: usize) -> f64 {
    case.seeds.iter().map(|report| report.weights[at].weight.summary.count as f64).sum()
}

/// The std, whose standard error is `σ·√((κ − 1)/4n)`.
fn spread(case: &Case, at: usize, law: Law) -> Option<Verdict> {
    let n = draws(case, at);
    let error = law.std * ((law.kurtosis - 1.0).max(0.0) / (4.0 * n)).sqrt();
    let squares = case.weight(at, |w| {
        // About the law's mean, which a wrong mean must not hide in; one value has this std too.
        w.weight.summary.mean_square() - 2.0 * law.mean * w.weight.summary.mean() + law.mean.powi(2)
    });
    let measured = Estimate { value: squares.value.max(0.0).sqrt(), error: Some(error) };
    let beyond = (measured.value - law.std).abs() > case.limits.standard_errors * error.max(1e-6 * law.std);
    if !beyond || centre(case, at, law).is_some_and(|_| mean_explains(case, at, law, measured.value)) {
        return None;
    }
    let weight = &case.first().weights[at];
    let factor = measured.value / law.std;
    let times = format!("{} times that", significant(factor, 3));
    let (got, promised) = (significant(measured.value, 3), significant(law.std, 3));
    let fix = (factor > 0.0).then(|| Fix::Scale {
        parameter: weight.name.clone(),
        factor: 1.0 / factor,
        predicted: None,
    });
    Some(Verdict {
        place: weight.name.clone(),
        fault: Fault::Law,
        measured,
        limit: law.std,
        finding: format!("has std {got}, where its scheme promises {promised}: {times}."),
        cause: hint(case, weight, factor),
        fix: fix.or(Some(Fix::Redraw { parameter: weight.name.clone() })),
    })
}

/// Whether the distance from the law's mean is all that makes the std about it too large.
fn mean_explains(case: &Case, at: usize, law: Law, measured: f64) -> bool {
    let offset = case.weight(at, |w| w.weight.summary.mean()).value - law.mean;
    ((measured.powi(2) - offset.powi(2)).max(0.0).sqrt() / law.std - 1.0).abs() < 0.1
}

/// The mean, whose standard error is `σ/√n`.
fn centre(case: &Case, at: usize, law: Law) -> Option<Verdict> {
    let error = law.std / draws(case, at).sqrt();
    let measured = Estimate { error: Some(error), ..case.weight(at, |w| w.weight.summary.mean()) };
    let weight = &case.first().weights[at];
    let beyond = (measured.value - law.mean).abs() > case.limits.standard_errors * error;
    let (got, promised) = (significant(measured.value, 3), significant(law.mean, 3));
    beyond.then(|| Verdict {
        place: weight.name.clone(),
        fault: Fault::Law,
        measured,
        limit: law.mean,
        finding: format!("has mean {got}, where its scheme promises {promised}."),
        cause: None,
        fix: Some(Fix::Redraw { parameter: weight.name.clone() }),
    })
}

/// Every value is the law's mean.
fn constant(case: &Case, at: usize, law: Law) -> Option<Verdict> {
    let far = |w: &WeightReport| {
        (w.weight.summary.min - law.mean).abs().max((w.weight.summary.max - law.mean).abs())
    };
    let empty = case.first().weights[at].weight.summary.count == 0;
    let measured = Estimate { error: None, ..case.weight(at, far) };
    // Rounded to single precision, once.
    let beyond = !empty && measured.value > 1e-6 * law.mean.abs();
    let name = case.first().weights[at].name.clone();
    let (got, promised) = (significant(measured.value, 3), significant(law.mean, 3));
    beyond.then(|| Verdict {
        place: name.clone(),
        fault: Fault::Law,
        measured,
        limit: 0.0,
        finding: format!("is up to {got} away from {promised}, which its scheme makes of every value."),
        cause: None,
        fix: Some(if law.mean == 0.0 {
            Fix::Zero { parameter: name }
        } else {
            Fix::Redraw { parameter: name }
        }),
    })
}

/// The usual mistake that makes this factor.
fn hint(case: &Case, weight: &WeightReport, factor: f64) -> Option<String> {
    let layer = case.first().layers.iter().position(|layer| layer.weight.as_ref() == Some(&weight.name));
    let fans = layer.and_then(|at| case.first().fans(at));
    let rows = match weight.role {
        Role::Embedding { rows } => Some(rows),
        _ => None,
    };
    let count = weight.weight.summary.count as f64;
    ratio::mistake(factor, fans, rows, 3.0 / (2.0 * count).sqrt())
}
