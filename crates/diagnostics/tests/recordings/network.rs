//! A small recorded network, written by the safetensors crate as a framework would write it.

use std::io::Write;

use diagnostics::{FileError, Recording};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// A recording as a manifest and tensors, which a test may damage before it is written.
#[derive(Clone)]
pub(crate) struct RecordedFile {
    pub(crate) format: String,
    pub(crate) version: String,
    /// `None`: the file has no manifest.
    pub(crate) manifest: Option<Vec<u8>>,
    pub(crate) tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
}

impl RecordedFile {
    pub(crate) fn of(manifest: &Value, tensors: &[(&str, &[usize], &[f32])]) -> Self {
        let tensor = |&(name, shape, values): &(&str, &[usize], &[f32])| {
            let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            (name.to_owned(), Dtype::F32, shape.to_vec(), bytes)
        };
        Self {
            format: "step-zero-recording".to_owned(),
            version: "1".to_owned(),
            manifest: Some(manifest.to_string().into_bytes()),
            tensors: tensors.iter().map(tensor).collect(),
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut tensors = self.tensors.clone();
        if let Some(manifest) = &self.manifest {
            tensors.push(("manifest".to_owned(), Dtype::U8, vec![manifest.len()], manifest.clone()));
        }
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let metadata =
            [("format".to_owned(), self.format.clone()), ("version".to_owned(), self.version.clone())];
        serialize(views, Some(metadata.into())).unwrap()
    }
}

/// Reads these bytes as a file, and takes the file's path out of an error.
pub(crate) fn read(bytes: &[u8]) -> Result<Recording, String> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Recording::read(file.path()).map_err(|error: FileError| {
        let text = error.to_string();
        let prefix = format!("{}: ", file.path().display());
        assert!(text.starts_with(&prefix), "{text} does not name the file");
        text.replacen(&prefix, "", 1)
    })
}

/// Numbers from −1 to 1, from a linear congruential generator.
fn numbers(seed: u64, count: usize, scale: f32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
    };
    (0..count).map(|_| next()).collect()
}

fn product(x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let inputs = weight.len() / bias.len();
    let unit = |row: &[f32], unit: usize| {
        let weights = &weight[unit * inputs..][..inputs];
        row.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>() + bias[unit]
    };
    x.chunks(inputs).flat_map(|row| (0..bias.len()).map(|at| unit(row, at)).collect::<Vec<_>>()).collect()
}

/// Eight examples of four inputs, a linear layer of six units whose weights are `scale` times numbers from −1 to 1, tanh, and
/// three logits.
pub(crate) fn network(seed: u64, scale: f32) -> RecordedFile {
    let (x, w1, b1) = (numbers(seed, 32, 1.7), numbers(seed + 1, 24, scale), numbers(seed + 2, 6, 0.1));
    let fc1 = product(&x, &w1, &b1);
    let tanh: Vec<f32> = fc1.iter().map(|x| x.tanh()).collect();
    let (w2, b2) = (numbers(seed + 3, 18, 0.7), vec![0.0; 3]);
    let fc2 = product(&tanh, &w2, &b2);
    let gradient = numbers(seed + 4, 48, 0.01);
    let site = |id: &str, kind: &str, inputs: &[&str], units: usize| {
        let inputs: Vec<Value> = inputs.iter().map(|name| json!({ "site": name })).collect();
        json!({ "id": id, "kind": kind, "inputs": inputs, "axes": ["example", "unit"], "shape": [8, units], "dtype": "f32" })
    };
    let mut sites = [
        site("input", "input", &[], 4),
        site("fc1", "linear", &["input"], 6),
        site("tanh", "activation", &["fc1"], 6),
        site("fc2", "linear", &["tanh"], 3),
    ];
    for (at, name) in [(1, "fc1"), (3, "fc2")] {
        sites[at]["weight"] = json!(format!("{name}.weight"));
        sites[at]["bias"] = json!(format!("{name}.bias"));
    }
    sites[2]["function"] = json!("tanh");
    let parameter = |name: &str, role: &str, shape: &[usize], axes: &[&str]| json!({ "name": name, "role": role, "shape": shape, "dtype": "f32", "axes": axes });
    let manifest = json!({
        "version": 1, "model": "small", "framework": "test 1.0", "mode": "train", "seed": seed, "batch": 8,
        "loss": { "value": 1.25, "kind": "cross_entropy", "reduction": "mean", "classes": 3, "logits": "fc2" },
        "learning_rate": 0.1, "out_of_sight": ["unused.weight"],
        "sites": sites,
        "parameters": [
            parameter("fc1.weight", "weight", &[6, 4], &["out", "in"]),
            parameter("fc1.bias", "bias", &[6], &["out"]),
            parameter("fc2.weight", "weight", &[3, 6], &["out", "in"]),
            parameter("fc2.bias", "bias", &[3], &["out"]),
        ],
    });
    RecordedFile::of(
        &manifest,
        &[
            ("values/input", &[8, 4], &x),
            ("values/fc1", &[8, 6], &fc1),
            ("values/tanh", &[8, 6], &tanh),
            ("values/fc2", &[8, 3], &fc2),
            ("gradient/fc1", &[8, 6], &gradient),
            ("gradient/tanh", &[8, 6], &gradient),
            ("parameter/fc1.weight", &[6, 4], &w1),
            ("parameter/fc1.bias", &[6], &b1),
            ("parameter/fc2.weight", &[3, 6], &w2),
            ("parameter/fc2.bias", &[3], &b2),
            ("parameter_gradient/fc1.weight", &[6, 4], &w1),
        ],
    )
}

/// The network with its manifest changed.
pub(crate) fn changed(change: impl FnOnce(&mut Value)) -> RecordedFile {
    let mut file = network(1, 1.0);
    let mut manifest: Value = serde_json::from_slice(file.manifest.as_ref().unwrap()).unwrap();
    change(&mut manifest);
    file.manifest = Some(manifest.to_string().into_bytes());
    file
}
