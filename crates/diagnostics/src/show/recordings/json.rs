//! A report as JSON, version 1. `docs/recordings.md` has its schema.

use serde_json::{Map, Value, json};

use super::{RecordingReport, rows};
use crate::judge::{Fix, Verdict};
use crate::show::json::of_allowed;
use crate::sites::{
    InputRole, NormKind, ParameterStatistics, RecordedParameter, Recording, Site, SiteStatistics,
};

/// The version of the schema: it grows when a name changes its meaning or goes away.
const VERSION: u64 = 1;

impl RecordingReport {
    /// JSON with everything that is known: the network, each statistic of each site and parameter with one number per
    /// recording, and the verdicts with their fixes. A number that was not measured is left out, or null where another recording
    /// has it; one that is infinite is a string, since JSON has none.
    pub fn json(&self) -> String {
        let Recording { model, framework, mode, learning_rate, out_of_sight, .. } = self.first();
        let recordings: Vec<Value> = self.recordings.iter().map(of_recording).collect();
        let sites = (0..self.first().sites.len()).map(|at| self.site(at));
        let parameters = (0..self.first().parameters.len()).map(|at| self.parameter(at));
        let allowed = self.judged.allowed.iter().map(of_allowed);
        let report = json!({
            "format": "step-zero-report",
            "version": VERSION,
            "model": model,
            "framework": framework,
            "mode": mode.name(),
            "learning_rate": learning_rate,
            "out_of_sight": out_of_sight,
            "recordings": recordings,
            "sites": sites.collect::<Vec<_>>(),
            "parameters": parameters.collect::<Vec<_>>(),
            "not_recorded": self.lost(),
            "verdicts": self.judged.verdicts.iter().map(Verdict::to_json).collect::<Vec<_>>(),
            "allowed": allowed.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    fn site(&self, at: usize) -> Value {
        let recording = self.first();
        let Site { name, kind, function, norm, inputs, weight, bias, dtype, .. } = &recording.sites[at];
        let parameter = |at: &Option<usize>| at.map(|at| recording.parameters[at].name.clone());
        let inputs = inputs.iter().map(|input| {
            json!({ "site": recording.sites[input.site].name, "role": input.role.map(InputRole::name) })
        });
        let mut statistics =
            self.statistics(SiteStatistics::FIELDS, |recording| recording.sites[at].statistics.row());
        self.add(&mut statistics, "gain", |recording| rows::gain(recording, at));
        self.add(&mut statistics, "predicted_rms", |recording| recording.prediction(at).rms);
        self.add(&mut statistics, "predicted_entropy", |recording| recording.prediction(at).entropy);
        json!({
            "name": name,
            "kind": kind.name(),
            "function": function.map(|function| function.to_string()),
            "norm": norm.map(NormKind::name),
            "inputs": inputs.collect::<Vec<_>>(),
            "weight": parameter(weight),
            "bias": parameter(bias),
            "dtype": dtype,
            "statistics": statistics,
        })
    }

    fn parameter(&self, at: usize) -> Value {
        let RecordedParameter { name, shape, dtype, trainable, .. } = &self.first().parameters[at];
        let statistics = self
            .statistics(ParameterStatistics::FIELDS, |recording| recording.parameters[at].statistics.row());
        json!({ "name": name, "shape": shape, "dtype": dtype, "trainable": trainable, "statistics": statistics })
    }

    /// Each field that some recording has, with a number per recording.
    fn statistics(&self, fields: &[&str], row: impl Fn(&Recording) -> Vec<f64>) -> Map<String, Value> {
        let rows: Vec<Vec<f64>> = self.recordings.iter().map(row).collect();
        let mut statistics = Map::new();
        for (at, field) in fields.iter().enumerate() {
            self.add(&mut statistics, field, |recording| {
                let number = self.recordings.iter().position(|other| std::ptr::eq(other, recording));
                number.map_or(f64::NAN, |number| rows[number][at])
            });
        }
        statistics
    }

    fn add(&self, to: &mut Map<String, Value>, field: &str, of: impl Fn(&Recording) -> f64) {
        let values: Vec<f64> = self.recordings.iter().map(of).collect();
        if values.iter().any(|value| !value.is_nan()) {
            to.insert(field.to_owned(), values.into_iter().map(number).collect());
        }
    }
}

fn of_recording(recording: &Recording) -> Value {
    let loss = recording.loss.as_ref().map(|loss| {
        json!({
            "value": number(loss.value),
            "kind": loss.kind,
            "reduction": loss.reduction,
            "classes": loss.classes,
            "uniform_guessing": loss.excess().and(loss.classes).map(|classes| (classes as f64).ln()),
            "logits": loss.logits.map(|at| recording.sites[at].name.clone()),
        })
    });
    json!({ "seed": recording.seed, "loss": loss })
}

/// A number; null if it is NaN, and a string if it is infinite.
fn number(x: f64) -> Value {
    match x {
        x if x.is_nan() => Value::Null,
        x if x.is_infinite() => json!(x.to_string()),
        x => json!(x + 0.0),
    }
}

impl Verdict {
    /// The verdict as JSON: every part of it as data, and the text.
    pub fn to_json(&self) -> Value {
        let evidence: Map<String, Value> =
            self.evidence.iter().map(|&(name, value)| (name.to_owned(), number(value))).collect();
        json!({
            "rule": self.rule,
            "level": self.level.name(),
            "locations": self.locations,
            "measured": number(self.measured.value),
            "standard_error": self.measured.error.map(number),
            "limit": number(self.limit),
            "finding": self.finding,
            "causes": self.causes,
            "evidence": evidence,
            "advice": self.fix.as_ref().map(Fix::to_string),
            "fixes": self.fix.iter().flat_map(Fix::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Fix {
    /// The change as a list of steps, each with its `kind`, its `parameters`, and one `factor` or `value` for all of them.
    pub fn to_json(&self) -> Vec<Value> {
        let kind = self.kind();
        match self {
            Self::Scale { parameters, predicted } => {
                let predicted: Map<String, Value> =
                    predicted.iter().map(|&(name, value)| (name.to_owned(), number(value))).collect();
                let step = |(factor, names): (f64, Vec<&str>)| json!({ "kind": kind, "parameters": names, "factor": number(factor), "predicted": predicted });
                by_factor(parameters).into_iter().map(step).collect()
            }
            Self::Centre { parameters } => {
                let step = |(factor, names): (f64, Vec<&str>)| json!({ "kind": kind, "parameters": names, "factor": number(factor) });
                by_factor(parameters).into_iter().map(step).collect()
            }
            Self::Set { parameters, value } => {
                vec![json!({ "kind": kind, "parameters": parameters, "value": number(*value) })]
            }
            Self::Redraw { parameters, std: None } => vec![json!({ "kind": kind, "parameters": parameters })],
            Self::Redraw { parameters, std: Some(std) } => {
                vec![json!({ "kind": kind, "parameters": parameters, "std": number(*std) })]
            }
            Self::NormaliseInput { site, mean, std } => {
                vec![json!({ "kind": kind, "site": site, "mean": number(*mean), "std": number(*std) })]
            }
        }
    }
}

/// The names of the parameters that share a factor, in order of the first.
fn by_factor(parameters: &[(String, f64)]) -> Vec<(f64, Vec<&str>)> {
    let mut steps: Vec<(f64, Vec<&str>)> = vec![];
    for (name, factor) in parameters {
        match steps.iter_mut().find(|(known, _)| known.to_bits() == factor.to_bits()) {
            Some((_, names)) => names.push(name),
            None => steps.push((*factor, vec![name])),
        }
    }
    steps
}
