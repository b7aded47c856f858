//! Parameters compared with the distribution that their scheme implies.

use super::context::Context;
use super::{Estimate, Fault, Fix, Verdict, finite, ratio};
use crate::format::significant;
use crate::report::{Expected, Role, WeightReport};

pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let finite = (0..context.first().weights.len()).filter(|&at| finite::is_finite(context, at));
    finite.filter_map(|at| verdict(context, at)).collect()
}

fn verdict(context: &Context, at: usize) -> Option<Verdict> {
    let expected = context.first().weights[at].expected?;
    if expected.std == 0.0 {
        constant(context, at, expected)
    } else {
        spread(context, at, expected).or_else(|| centre(context, at, expected))
    }
}

/// The factor between a std and that of its scheme beyond which the values cannot have been drawn by it.
const UNINITIALISED: f64 = 1e6;

/// The number of values drawn at all seeds together.
fn draws(context: &Context, at: usize) -> f64 {
    context.seeds.iter().map(|report| report.weights[at].weight.summary.count as f64).sum()
}

/// Judges the std, whose standard error is `σ·√((κ − 1)/4n)`.
fn spread(context: &Context, at: usize, expected: Expected) -> Option<Verdict> {
    let n = draws(context, at);
    let error = expected.std * ((expected.kurtosis - 1.0).max(0.0) / (4.0 * n)).sqrt();
    let squares = context.weight(at, |w| {
        // About the expected mean, so that a wrong mean is not hidden; a single value has this std too.
        w.weight.summary.mean_square() - 2.0 * expected.mean * w.weight.summary.mean() + expected.mean.powi(2)
    });
    let measured = Estimate { value: squares.value.max(0.0).sqrt(), error: Some(error) };
    let far = (measured.value - expected.std).abs()
        > context.limits.standard_errors * error.max(1e-6 * expected.std);
    if !far
        || centre(context, at, expected).is_some_and(|_| mean_explains(context, at, expected, measured.value))
    {
        return None;
    }
    let weight = &context.first().weights[at];
    let factor = measured.value / expected.std;
    let times = format!("{} times that", significant(factor, 3));
    let (got, wanted) = (significant(measured.value, 3), significant(expected.std, 3));
    // No mistake in a formula is this large, in either direction, and scaled garbage is garbage.
    let uninitialised = factor > 0.0 && factor.max(1.0 / factor) > UNINITIALISED;
    let fix = (factor > 0.0 && !uninitialised).then(|| Fix::Scale {
        parameter: weight.name.clone(),
        factor: 1.0 / factor,
        predicted: None,
    });
    Some(Verdict {
        location: weight.name.clone(),
        fault: Fault::Distribution,
        measured,
        limit: expected.std,
        finding: format!("has std {got}, where its scheme promises {wanted}: {times}."),
        cause: if uninitialised {
            Some("It looks like memory that was never initialised.".to_owned())
        } else {
            hint(context, weight, factor)
        },
        fix: fix.or(Some(Fix::Redraw { parameter: weight.name.clone() })),
    })
}

/// True if the std about the expected mean is too large only because the mean is wrong.
fn mean_explains(context: &Context, at: usize, expected: Expected, measured: f64) -> bool {
    let offset = context.weight(at, |w| w.weight.summary.mean()).value - expected.mean;
    ((measured.powi(2) - offset.powi(2)).max(0.0).sqrt() / expected.std - 1.0).abs() < 0.1
}

/// Judges the mean, whose standard error is `σ/√n`.
fn centre(context: &Context, at: usize, expected: Expected) -> Option<Verdict> {
    let error = expected.std / draws(context, at).sqrt();
    let measured = Estimate { error: Some(error), ..context.weight(at, |w| w.weight.summary.mean()) };
    let weight = &context.first().weights[at];
    let far = (measured.value - expected.mean).abs() > context.limits.standard_errors * error;
    let (got, wanted) = (significant(measured.value, 3), significant(expected.mean, 3));
    far.then(|| Verdict {
        location: weight.name.clone(),
        fault: Fault::Distribution,
        measured,
        limit: expected.mean,
        finding: format!("has mean {got}, where its scheme promises {wanted}."),
        cause: None,
        fix: Some(Fix::Redraw { parameter: weight.name.clone() }),
    })
}

/// Judges a constant, all of whose values equal the expected mean.
fn constant(context: &Context, at: usize, expected: Expected) -> Option<Verdict> {
    let far = |w: &WeightReport| {
        (w.weight.summary.min - expected.mean).abs().max((w.weight.summary.max - expected.mean).abs())
    };
    let empty = context.first().weights[at].weight.summary.count == 0;
    let measured = Estimate { error: None, ..context.weight(at, far) };
    // One rounding to single precision.
    let far = !empty && measured.value > 1e-6 * expected.mean.abs();
    let name = context.first().weights[at].name.clone();
    let (got, wanted) = (significant(measured.value, 3), significant(expected.mean, 3));
    far.then(|| Verdict {
        location: name.clone(),
        fault: Fault::Distribution,
        measured,
        limit: 0.0,
        finding: format!("is up to {got} away from {wanted}, which its scheme makes of every value."),
        cause: None,
        fix: Some(if expected.mean == 0.0 {
            Fix::Zero { parameter: name }
        } else {
            Fix::Redraw { parameter: name }
        }),
    })
}

/// The common mistake that explains this factor.
fn hint(context: &Context, weight: &WeightReport, factor: f64) -> Option<String> {
    let layer = context.first().layers.iter().position(|layer| layer.weight.as_ref() == Some(&weight.name));
    let fans = layer.and_then(|at| context.first().fans(at));
    let rows = weight.rows.filter(|_| weight.role == Role::Embedding);
    let count = weight.weight.summary.count as f64;
    ratio::mistake(factor, fans, rows, 3.0 / (2.0 * count).sqrt())
}
