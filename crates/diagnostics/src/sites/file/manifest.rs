//! The manifest of a recording, as it stands in the file.

use serde::{Deserialize, Serialize};

use super::read::FileError;

/// The newest version of the format that is read, and the one that is written.
pub(super) const VERSION: u64 = 1;

/// The name of the format in the file's metadata.
pub(super) const FORMAT: &str = "step-zero-recording";

/// Everything but numbers.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Manifest {
    pub(super) version: u64,
    #[serde(default)]
    pub(super) model: String,
    #[serde(default)]
    pub(super) framework: String,
    #[serde(default = "train")]
    pub(super) mode: String,
    #[serde(default)]
    pub(super) seed: Option<u64>,
    #[serde(default)]
    pub(super) batch: Option<u64>,
    #[serde(default)]
    pub(super) loss: Option<ManifestLoss>,
    #[serde(default)]
    pub(super) learning_rate: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) curvature: Option<f64>,
    #[serde(default)]
    pub(super) out_of_sight: Vec<String>,
    pub(super) sites: Vec<ManifestSite>,
    pub(super) parameters: Vec<ManifestParameter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) site_fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parameter_fields: Vec<String>,
}

impl Manifest {
    pub(super) fn parse(text: &[u8]) -> Result<Self, FileError> {
        serde_json::from_slice(text).map_err(|why| FileError(format!("manifest: {why}")))
    }
}

fn train() -> String {
    "train".to_owned()
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ManifestLoss {
    pub(super) value: Option<f64>,
    #[serde(default = "other")]
    pub(super) kind: String,
    #[serde(default = "mean")]
    pub(super) reduction: String,
    #[serde(default)]
    pub(super) classes: Option<usize>,
    #[serde(default)]
    pub(super) logits: Option<String>,
}

fn other() -> String {
    "other".to_owned()
}

fn mean() -> String {
    "mean".to_owned()
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ManifestSite {
    pub(super) id: String,
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) norm: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inputs: Vec<ManifestInput>,
    #[serde(default)]
    pub(super) axes: Vec<String>,
    #[serde(default)]
    pub(super) shape: Vec<usize>,
    #[serde(default)]
    pub(super) dtype: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bias: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ManifestInput {
    pub(super) site: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ManifestParameter {
    pub(super) name: String,
    #[serde(default = "other")]
    pub(super) role: String,
    #[serde(default)]
    pub(super) shape: Vec<usize>,
    #[serde(default)]
    pub(super) dtype: String,
    #[serde(default)]
    pub(super) axes: Vec<String>,
    #[serde(default = "one")]
    pub(super) groups: usize,
    #[serde(default)]
    pub(super) stride: Vec<usize>,
    #[serde(default = "one")]
    pub(super) blocks: usize,
    #[serde(default = "yes")]
    pub(super) trainable: bool,
    /// Sixteen hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<String>,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}
