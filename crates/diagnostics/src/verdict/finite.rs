//! NaN and infinity: the first of them in the order of computation.

use super::context::Context;
use super::{Estimate, Fault, Fix, Verdict};
use crate::format::significant;
use crate::report::Report;
use crate::stats::ValueStatistics;

/// At most one verdict, on the location of the first value that is not finite.
pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let first = |(location, what, values): NonFinite| (location, what, Estimate::over(&values));
    let all = (0..locations(context.first()).len()).map(|at| first(gather(context, at)));
    let mut found = all.filter(|(_, _, count)| count.value > 0.0);
    found.next().map(|(location, what, count)| verdict(context, location, what, count)).into_iter().collect()
}

/// A location, the word for its values, and the number of those that are not finite at each seed.
type NonFinite = (String, &'static str, Vec<f64>);

fn gather(context: &Context, at: usize) -> NonFinite {
    let (location, what, _) = locations(context.first()).swap_remove(at);
    (location, what, context.seeds.iter().map(|report| locations(report)[at].2).collect())
}

/// Everything that was measured, in the order of computation, with the number of values that are not finite.
fn locations(report: &Report) -> Vec<(String, &'static str, f64)> {
    let count = |values: &ValueStatistics| values.summary.non_finite as f64;
    let maybe = |values: &Option<ValueStatistics>| values.as_ref().map_or(0.0, count);
    let inputs = report.inputs.iter().filter(|x| !x.is_finite()).count() as f64;
    let parameters = report.weights.iter().map(|w| (w.name.clone(), "values", count(&w.weight)));
    let forward = report.layers.iter().flat_map(|layer| {
        [("pre-activations", maybe(&layer.pre)), ("activations", count(&layer.post))]
            .map(|(what, bad)| (layer.name.clone(), what, bad))
    });
    let backward =
        report.layers.iter().rev().map(|layer| (layer.name.clone(), "gradients", maybe(&layer.gradient)));
    let gradients = report.weights.iter().map(|w| (w.name.clone(), "gradients", maybe(&w.gradient)));
    let loss = report.loss.as_ref().map_or(0.0, |loss| f64::from(u8::from(!loss.value.is_finite())));
    [("input".to_owned(), "examples", inputs)]
        .into_iter()
        .chain(parameters)
        .chain(forward)
        .chain([("network".to_owned(), "values of the loss", loss)])
        .chain(backward)
        .chain(gradients)
        .collect()
}

fn verdict(context: &Context, location: String, what: &str, count: Estimate) -> Verdict {
    let is_parameter = what == "values";
    // The mean over several seeds need not be whole.
    let counted = match count.value {
        1.0 => format!("1 {} that is", what.trim_end_matches('s')),
        more => format!("{} {what} that are", significant(more, 3)),
    };
    let cause = match what {
        "values" | "examples" => None,
        _ => Some("No parameter has one: it overflows here, or is divided by 0.".to_owned()),
    };
    let fix = (is_parameter && context.first().weight(&location).is_some())
        .then(|| Fix::Redraw { parameter: location.clone() });
    let finding = format!("has {counted} NaN or infinite; what follows is not judged.");
    Verdict { location, fault: Fault::NotFinite, measured: count, limit: 0.0, finding, cause, fix }
}
