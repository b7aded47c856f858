//! NaN and infinity: every parameter that has them, and the first of the computed values that do.

use super::context::Context;
use super::{Estimate, Fault, Fix, Verdict};
use crate::format::significant;
use crate::report::Report;
use crate::stats::ValueStatistics;

/// One verdict per parameter with values that are not finite. Without one, what computes the first such value is at fault.
pub(super) fn verdicts(context: &Context) -> Vec<Verdict> {
    let seeds: Vec<_> = context.seeds.iter().map(locations).collect();
    let count = |at: usize| Estimate::over(&seeds.iter().map(|seed| seed[at].count).collect::<Vec<_>>());
    let all: Vec<_> = (0..seeds[0].len()).map(|at| (&seeds[0][at], count(at))).collect();
    let found = all.iter().filter(|(_, count)| count.value > 0.0);
    let (causes, computed): (Vec<_>, Vec<_>) = found.partition(|(set, _)| set.is_parameter());
    let verdicts: Vec<_> = causes.into_iter().map(|&(set, count)| verdict(context, set, count)).collect();
    if verdicts.is_empty() {
        return computed.first().map(|&&(set, count)| verdict(context, set, count)).into_iter().collect();
    }
    verdicts
}

/// True if a parameter is finite at every seed.
pub(super) fn is_finite(context: &Context, weight: usize) -> bool {
    context.seeds.iter().all(|report| report.weights[weight].weight.summary.non_finite == 0)
}

/// The number of layers before the first whose values are not finite at some seed.
pub(super) fn judged_layers(context: &Context) -> usize {
    let finite = |values: &ValueStatistics| values.summary.non_finite == 0;
    let sound = |at: &usize| {
        let layers = context.seeds.iter().map(|report| &report.layers[*at]);
        layers.clone().all(|layer| finite(&layer.post) && layer.pre.as_ref().is_none_or(finite))
    };
    (0..context.first().layers.len()).take_while(sound).count()
}

/// One set of values.
struct NonFinite<'a> {
    location: &'a str,
    /// The word for its values.
    what: &'static str,
    /// The number of those that are not finite.
    count: f64,
}

impl NonFinite<'_> {
    fn is_parameter(&self) -> bool {
        self.what == "values"
    }
}

/// Everything that was measured, in the order of computation, with the number of values that are not finite.
fn locations(report: &Report) -> Vec<NonFinite<'_>> {
    let at = |location, what, count| NonFinite { location, what, count };
    let count = |values: &ValueStatistics| values.summary.non_finite as f64;
    let maybe = |values: &Option<ValueStatistics>| values.as_ref().map_or(0.0, count);
    let inputs = report.inputs.iter().filter(|x| !x.is_finite()).count() as f64;
    let parameters = report.weights.iter().map(|w| at(&w.name, "values", count(&w.weight)));
    let forward = report.layers.iter().flat_map(|layer| {
        [("pre-activations", maybe(&layer.pre)), ("activations", count(&layer.post))]
            .map(|(what, bad)| at(&layer.name, what, bad))
    });
    let backward =
        report.layers.iter().rev().map(|layer| at(&layer.name, "gradients", maybe(&layer.gradient)));
    let gradients = report.weights.iter().map(|w| at(&w.name, "gradients", maybe(&w.gradient)));
    let loss = report.loss.as_ref().map_or(0.0, |loss| f64::from(u8::from(!loss.value.is_finite())));
    [at("input", "examples", inputs)]
        .into_iter()
        .chain(parameters)
        .chain(forward)
        .chain([at("network", "values of the loss", loss)])
        .chain(backward)
        .chain(gradients)
        .collect()
}

fn verdict(context: &Context, &NonFinite { location, what, .. }: &NonFinite<'_>, count: Estimate) -> Verdict {
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
    let fix = (is_parameter && context.first().weight(location).is_some())
        .then(|| Fix::Redraw { parameter: location.to_owned() });
    let finding = format!("has {counted} NaN or infinite; what follows is not judged.");
    let location = location.to_owned();
    Verdict { location, fault: Fault::NotFinite, measured: count, limit: 0.0, finding, cause, fix }
}
