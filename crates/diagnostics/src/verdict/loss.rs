//! The initial loss compared with that of uniform guessing.

use super::context::Context;
use super::{Fault, Fix, Verdict};
use crate::format::{fixed, significant};
use crate::report::LossReport;

/// The std of logits that are close to uniform guessing.
const QUIET: f64 = 0.1;

pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    verdict(context).into_iter().collect()
}

fn verdict(context: &Context) -> Option<Verdict> {
    let loss = context.first().loss.as_ref()?;
    let measured = context.over(|report| report.loss.as_ref().map_or(f64::NAN, LossReport::excess));
    let limit = context.limits.excess_loss;
    (measured.value > limit).then(|| {
        let guess = (loss.classes as f64).ln();
        let finding = format!(
            "is confident before it has learned: its loss is {}, {} above the ln {} of a guess, where {} may be.",
            fixed(guess + measured.value, 2),
            fixed(measured.value, 2),
            loss.classes,
            significant(limit, 2)
        );
        let std = context.over(|report| logits_std(report.loss.as_ref())).value;
        let cause = std.is_finite().then(|| format!("Logits have std {}.", significant(std, 3)));
        let fix = (std > 0.0 && !loss.parameters.is_empty()).then(|| Fix::Quiet {
            parameters: loss.parameters.clone(),
            factor: QUIET / std,
            // To second order, logits of std s add s²/2.
            loss: guess + QUIET * QUIET / 2.0,
        });
        let location = "network".to_owned();
        Verdict { location, fault: Fault::Confident, measured, limit, finding, cause, fix }
    })
}

fn logits_std(loss: Option<&LossReport>) -> f64 {
    loss.and_then(|loss| loss.logits.as_ref()).map_or(f64::NAN, |logits| logits.summary.std())
}
