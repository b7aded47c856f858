//! A report as JSON.

use serde_json::{Map, Value, json};

use super::Judged;
use crate::judge::Verdict;
use crate::report::Report;
use crate::stats::{Histogram, ValueStatistics};

impl Report {
    /// JSON with every statistic by location and name, the histograms with their edges, and the verdicts. A number that is
    /// not finite is a string, since JSON has none: `"NaN"`, `"inf"`, `"-inf"`.
    pub fn json(&self) -> String {
        self.judged_json(&self.verdicts().into())
    }

    /// The same with verdicts that a configuration has changed.
    pub fn judged_json(&self, judged: &Judged) -> String {
        let mut statistics: Map<String, Value> = Map::new();
        for statistic in self.all_statistics() {
            let location = statistics.entry(statistic.location).or_insert_with(|| json!({}));
            location[statistic.name] = number(statistic.value);
        }
        let layers = self.layers.iter().map(|layer| (layer.name.clone(), histograms(&layer.sets())));
        let weights = self.weights.iter().map(|weight| (weight.name.clone(), histograms(&weight.sets())));
        let histograms: Map<String, Value> = layers.chain(weights).collect();
        let verdicts: Vec<Value> = judged.verdicts.iter().map(Verdict::to_json).collect();
        let allowed: Vec<Value> = judged.allowed.iter().map(of_allowed).collect();
        let report = json!({
            "statistics": statistics, "histograms": histograms, "verdicts": verdicts, "allowed": allowed
        });
        format!("{report:#}\n")
    }
}

fn number(x: f64) -> Value {
    if x.is_finite() { json!(x + 0.0) } else { json!(x.to_string()) }
}

/// A verdict that is allowed, and why.
pub(super) fn of_allowed((verdict, reason): &(Verdict, String)) -> Value {
    json!({ "rule": verdict.rule, "locations": verdict.locations, "reason": reason })
}

/// The histogram of each set of values that was measured, by its name.
fn histograms(sets: &[(&str, Option<&ValueStatistics>)]) -> Value {
    let known = sets.iter().filter_map(|(name, values)| Some((*name, values.as_ref()?)));
    Value::Object(known.map(|(name, values)| (name.to_owned(), of_histogram(&values.histogram))).collect())
}

fn of_histogram(histogram: &Histogram) -> Value {
    json!({ "edges": histogram.edges, "counts": histogram.counts, "outside": histogram.outside })
}
