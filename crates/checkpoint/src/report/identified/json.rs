//! The report as JSON, version 1.

use serde_json::{Value, json};

use super::IdentifyReport;
use crate::report::json::number;
use crate::{GroupKind, SchemeFit, TensorGroup, TensorOrigin, UnknownReason};

impl IdentifyReport {
    /// JSON with every group, tensor and scheme. A number that is not finite is a string, since JSON has none: `"NaN"`, `"inf"`.
    pub fn json(&self) -> String {
        let tied: Vec<Value> = self.tied().iter().map(|tied| self.names(tied)).collect();
        let mut report = json!({
            "format": "step-zero-identify",
            "version": 1,
            "files": self.files,
            "trained": self.found.is_trained,
            "odd": self.names(&self.odd()),
            "tied": tied,
            "groups": self.found.groups.iter().map(|group| self.group_json(group)).collect::<Vec<_>>(),
            "tensors": (0..self.tensors.len()).map(|at| self.tensor_json(at)).collect::<Vec<_>>(),
        });
        if let Some(search) = &self.seeds {
            let found =
                |found: &crate::SeedMatch| json!({"seed": found.seed, "tensors": self.names(&found.tensors)});
            report["seeds"] = json!({
                "from": search.seeds.start(),
                "to": search.seeds.end(),
                "tried": search.tried,
                "found": search.found.iter().map(found).collect::<Vec<_>>(),
            });
        }
        format!("{report:#}\n")
    }

    fn names(&self, tensors: &[usize]) -> Value {
        tensors.iter().map(|&at| Value::from(self.tensors[at].name.as_str())).collect()
    }

    fn group_json(&self, group: &TensorGroup) -> Value {
        let mut object = json!({
            "pattern": group.pattern,
            "tensors": self.names(&group.tensors),
            "kind": kind(&group.kind),
            "odd": group.is_odd,
            "text": self.drawn_from(group),
        });
        match &group.kind {
            GroupKind::Constant(value) => object["value"] = number(*value),
            GroupKind::Pattern(scheme) => object["scheme"] = json!(scheme.to_string()),
            GroupKind::Orthogonal { gain, is_certain } => {
                object["gain"] = number(*gain);
                object["certain"] = json!(is_certain);
            }
            GroupKind::Drawn(schemes) => {
                object["schemes"] = schemes.iter().map(scheme_json).collect();
            }
            GroupKind::NotJudged | GroupKind::Trained | GroupKind::Unknown => {}
        }
        if let Some((std, error)) = self.common_std(group) {
            object["std"] = number(std);
            object["std_error"] = number(error);
        }
        object
    }

    fn tensor_json(&self, at: usize) -> Value {
        let (tensor, found) = (&self.tensors[at], &self.found.tensors[at]);
        let mut object = json!({
            "name": tensor.name,
            "dtype": tensor.dtype.to_string(),
            "shape": tensor.shape,
            "group": found.group,
        });
        if let Some(scheme) = found.scheme {
            object["scheme"] = json!(scheme.to_string());
        }
        if let Some(ratio) = found.odd_ratio {
            object["odd_ratio"] = number(ratio);
        }
        match &found.origin {
            TensorOrigin::Unknown(reason) => object["unknown"] = json!(reason_name(*reason)),
            TensorOrigin::Drawn(drawn) => {
                let fit = |fit: &crate::FamilyFit| {
                    json!({
                        "family": fit.family.to_string(),
                        "mean": number(fit.mean),
                        "scale": number(fit.scale),
                        "scale_error": number(fit.scale_error),
                        "log_likelihood": number(fit.log_likelihood),
                        "p": number(fit.p_value),
                    })
                };
                object["fits"] = drawn.fits.iter().map(fit).collect();
                object["sparsity"] = number(drawn.sparsity);
                object["zero_rows"] = json!(drawn.zero_rows);
            }
            _ => {}
        }
        if let Some(summary) = &self.summaries[at] {
            object["statistics"] = summary.to_json();
        }
        object
    }
}

fn scheme_json(fit: &SchemeFit) -> Value {
    json!({
        "scheme": fit.text,
        "same": fit.same,
        "presets": fit.presets,
        "family": fit.family.to_string(),
        "score": number(fit.score),
        "deviation": number(fit.deviation),
        "free": fit.is_free,
    })
}

fn kind(kind: &GroupKind) -> &'static str {
    match kind {
        GroupKind::NotJudged => "not-judged",
        GroupKind::Constant(_) => "constant",
        GroupKind::Pattern(_) => "pattern",
        GroupKind::Orthogonal { .. } => "orthogonal",
        GroupKind::Drawn(_) => "drawn",
        GroupKind::Trained => "trained",
        GroupKind::Unknown => "unknown",
    }
}

fn reason_name(reason: UnknownReason) -> &'static str {
    match reason {
        UnknownReason::NotFinite => "not-finite",
        UnknownReason::Distribution => "distribution",
        UnknownReason::Lines => "lines",
    }
}
