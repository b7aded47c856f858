//! The report as JSON, version 1. `docs/check.md` has its schema.

use serde_json::{Map, Value, json};

use super::CheckReport;
use crate::{Mention, TensorFinding, TensorSummary};

impl CheckReport {
    /// JSON with every tensor and finding. A number that is not finite is a string, since JSON has none: `"NaN"`, `"inf"`.
    pub fn json(&self) -> String {
        let constants: Map<String, Value> =
            self.resolved.constants.iter().map(|(name, value)| (name.clone(), number(*value))).collect();
        let report = json!({
            "format": "step-zero-check",
            "version": 1,
            "files": self.files,
            "false_alarms": self.false_alarms,
            "constants": constants,
            "findings": self.findings.iter().map(TensorFinding::to_json).collect::<Vec<_>>(),
            "tensors": (0..self.tensors.len()).map(|at| self.tensor_json(at)).collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    fn tensor_json(&self, at: usize) -> Value {
        let tensor = &self.tensors[at];
        let mut object = json!({
            "name": tensor.name,
            "dtype": tensor.dtype.to_string(),
            "shape": tensor.shape,
        });
        match &self.resolved.tensors[at] {
            Mention::Expected(expectation) => {
                object["rule"] = json!(expectation.rule);
                object["scheme"] = json!(expectation.text);
                let parts: Vec<Value> = expectation
                    .draw
                    .parts
                    .iter()
                    .filter_map(|part| {
                        let moments = part.moments(expectation.draw.layout).ok()?;
                        Some(json!({
                            "scheme": part.scheme.to_string(),
                            "mean": number(moments.mean),
                            "std": number(moments.std),
                        }))
                    })
                    .collect();
                object["expected"] = json!(parts);
            }
            Mention::Ignored { reason } => object["ignored"] = json!(reason),
            Mention::NotJudged => object["ignored"] = json!("values of this type are not judged"),
            Mention::Unfit { rule, why } => {
                object["rule"] = json!(rule);
                object["unfit"] = json!(why);
            }
            Mention::Unmentioned => {}
        }
        if let Some(summary) = &self.summaries[at] {
            object["statistics"] = summary.to_json();
        }
        object
    }
}

impl TensorSummary {
    /// The numbers of the summary as a JSON object.
    pub fn to_json(&self) -> Value {
        json!({
            "count": self.count,
            "nan": self.nan,
            "infinite": self.positive_infinite + self.negative_infinite,
            "zeros": self.zeros,
            "subnormals": self.subnormals,
            "min": number(self.min),
            "max": number(self.max),
            "mean": number(self.moments.mean),
            "std": number(self.moments.std()),
            "skew": number(self.moments.skewness()),
            "kurtosis": number(self.moments.kurtosis()),
        })
    }
}

impl TensorFinding {
    fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            "tensors": self.tensors,
            "message": self.message,
            "p": self.p,
            "causes": self.causes,
        })
    }
}

pub(super) fn number(x: f64) -> Value {
    if x.is_finite() { json!(x + 0.0) } else { json!(x.to_string()) }
}
