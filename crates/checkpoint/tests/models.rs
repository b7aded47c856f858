//! Models at their random initialisation that `tests/reference/make.py` has saved.

use std::path::{Path, PathBuf};

use checkpoint::{Dtype, NameRules, ResolvedRules, RuleSettings, ShippedRules, TensorInfo};
use safetensors::SafeTensors;

/// A file of one model, with the rules that it follows.
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) rules: ShippedRules,
    pub(crate) set: Vec<(String, f64)>,
    pub(crate) config: Option<String>,
    /// The tensor that a fault is in, for models that have one.
    pub(crate) faulty: Option<String>,
    pub(crate) tensors: Vec<TensorInfo>,
    /// The values of each tensor; none for types that are not judged.
    pub(crate) values: Vec<Vec<f32>>,
}

impl Model {
    pub(crate) fn load(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = header.metadata().as_ref().unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut names = file.names();
        names.sort_unstable();
        let views = || names.iter().map(|name| file.tensor(name).unwrap());
        let set: serde_json::Value = serde_json::from_str(&metadata["set"]).unwrap();
        let set =
            set.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.as_f64().unwrap()));
        let info = |(name, view): (&&str, safetensors::tensor::TensorView)| TensorInfo {
            name: (*name).to_owned(),
            dtype: match view.dtype() {
                safetensors::Dtype::F32 => Dtype::F32,
                other => Dtype::Other(format!("{other:?}")),
            },
            shape: view.shape().to_vec(),
        };
        let floats = |view: safetensors::tensor::TensorView| match view.dtype() {
            safetensors::Dtype::F32 => {
                let (chunks, rest) = view.data().as_chunks::<4>();
                assert!(rest.is_empty());
                chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
            }
            _ => vec![],
        };
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            rules: ShippedRules::named(&metadata["rules"]).unwrap(),
            set: set.collect(),
            config: metadata.get("config").cloned(),
            faulty: metadata.get("tensor").cloned(),
            tensors: names.iter().zip(views()).map(info).collect(),
            values: views().map(floats).collect(),
        }
    }

    /// All models in a folder, by name.
    pub(crate) fn all(folder: &Path) -> Vec<Self> {
        let entries =
            std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
            .collect();
        paths.sort();
        assert!(!paths.is_empty(), "there is no model in {}", folder.display());
        paths.iter().map(|path| Self::load(path)).collect()
    }

    /// The committed ones.
    pub(crate) fn committed() -> Vec<Self> {
        Self::all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference")))
    }

    /// What the rules that it follows expect.
    pub(crate) fn resolved(&self) -> ResolvedRules {
        self.resolved_by(&self.rules.rules())
    }

    /// What other rules with the same constants expect.
    pub(crate) fn resolved_by(&self, rules: &NameRules) -> ResolvedRules {
        let set: Vec<(&str, f64)> = self.set.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let settings = RuleSettings { set: &set, config: self.config.as_deref() };
        rules.resolve(&self.tensors, &settings).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}
