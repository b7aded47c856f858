//! A report as JSON.

use serde_json::{Map, Value, json};

use crate::report::Report;
use crate::stats::{Histogram, ValueStatistics};
use crate::verdict::{Fix, Verdict};

impl Report {
    /// JSON with every statistic by location and name, the histograms with their edges, and the verdicts. A number that is
    /// not finite is a string, since JSON has none: `"NaN"`, `"inf"`, `"-inf"`.
    pub fn json(&self) -> String {
        let mut statistics: Map<String, Value> = Map::new();
        for statistic in self.all_statistics() {
            let location = statistics.entry(statistic.location).or_insert_with(|| json!({}));
            location[statistic.name] = number(statistic.value);
        }
        let layers = self.layers.iter().map(|layer| (layer.name.clone(), histograms(&layer.sets())));
        let weights = self.weights.iter().map(|weight| (weight.name.clone(), histograms(&weight.sets())));
        let histograms: Map<String, Value> = layers.chain(weights).collect();
        let verdicts: Vec<Value> = self.verdicts().iter().map(of_verdict).collect();
        let report = json!({ "statistics": statistics, "histograms": histograms, "verdicts": verdicts });
        format!("{report:#}\n")
    }
}

fn number(x: f64) -> Value {
    if x.is_finite() { json!(x + 0.0) } else { json!(x.to_string()) }
}

/// The histogram of each set of values that was measured, by its name.
fn histograms(sets: &[(&str, Option<&ValueStatistics>)]) -> Value {
    let known = sets.iter().filter_map(|(name, values)| Some((*name, values.as_ref()?)));
    Value::Object(known.map(|(name, values)| (name.to_owned(), of_histogram(&values.histogram))).collect())
}

fn of_histogram(histogram: &Histogram) -> Value {
    json!({ "edges": histogram.edges, "counts": histogram.counts, "outside": histogram.outside })
}

fn of_verdict(verdict: &Verdict) -> Value {
    json!({
        "location": verdict.location,
        "fault": format!("{:?}", verdict.fault),
        "measured": number(verdict.measured.value),
        "standard error": verdict.measured.error.map(number),
        "limit": number(verdict.limit),
        "cause": verdict.cause,
        "fix": verdict.fix.as_ref().map(Fix::to_string),
        "text": verdict.to_string(),
    })
}
