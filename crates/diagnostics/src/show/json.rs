//! A report as JSON.

use serde_json::{Map, Value, json};

use crate::report::{LayerReport, Report, WeightReport};
use crate::stats::{Histogram, ValueStatistics};
use crate::verdict::{Fault, Fix, Verdict};

impl Report {
    /// Every number by location and name, histograms with their edges, and the verdicts. A number that is not finite is a
    /// string, since JSON has none: `"NaN"`, `"inf"`, `"-inf"`.
    pub fn json(&self) -> String {
        let mut locations: Map<String, Value> = Map::new();
        for statistic in self.all_statistics() {
            let location = locations.entry(statistic.location).or_insert_with(|| json!({}));
            location[statistic.name] = number(statistic.value);
        }
        let histograms: Map<String, Value> =
            self.layers.iter().map(of_layer).chain(self.weights.iter().map(of_weight)).collect();
        let verdicts: Vec<Value> = self.verdicts().iter().map(of_verdict).collect();
        let report = json!({ "statistics": locations, "histograms": histograms, "verdicts": verdicts });
        format!("{report:#}\n")
    }
}

fn number(x: f64) -> Value {
    if x.is_finite() { json!(x + 0.0) } else { json!(x.to_string()) }
}

fn of_layer(layer: &LayerReport) -> (String, Value) {
    let parts =
        [("pre", layer.pre.as_ref()), ("post", Some(&layer.post)), ("gradient", layer.gradient.as_ref())];
    (layer.name.clone(), of_parts(&parts))
}

fn of_weight(weight: &WeightReport) -> (String, Value) {
    (
        weight.name.clone(),
        of_parts(&[("value", Some(&weight.weight)), ("gradient", weight.gradient.as_ref())]),
    )
}

fn of_parts(parts: &[(&str, Option<&ValueStatistics>)]) -> Value {
    let known = parts
        .iter()
        .filter_map(|(part, values)| Some(((*part).to_owned(), of_histogram(&(*values)?.histogram))));
    Value::Object(known.collect())
}

fn of_histogram(histogram: &Histogram) -> Value {
    json!({ "edges": histogram.edges, "counts": histogram.counts, "outside": histogram.outside })
}

fn of_verdict(verdict: &Verdict) -> Value {
    json!({
        "location": verdict.location,
        "fault": fault(verdict.fault),
        "measured": number(verdict.measured.value),
        "standard error": verdict.measured.error.map(number),
        "limit": number(verdict.limit),
        "cause": verdict.cause,
        "fix": verdict.fix.as_ref().map(Fix::to_string),
        "text": verdict.to_string(),
    })
}

/// Its name: `BackwardExplodes`.
fn fault(fault: Fault) -> String {
    format!("{fault:?}")
}
