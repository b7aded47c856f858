//! The index of a model in several files: `model.safetensors.index.json`.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::error::{CheckpointError, quoted, reason};
use super::json::{Pairs, repeated};
use super::source_file::SourceFile;

/// The longest index that is read.
const LONGEST_INDEX: u64 = 100_000_000;

#[derive(Deserialize)]
struct IndexFile {
    weight_map: Pairs<String>,
}

/// A shard and the tensors that the index says it holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) path: PathBuf,
    pub(super) names: Vec<String>,
}

/// True for the path of an index.
pub(super) fn is_index(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".index.json"))
}

/// The shards that an index names, sorted by name.
pub(super) fn shards(file: &SourceFile) -> Result<Vec<Shard>, CheckpointError> {
    if file.len() > LONGEST_INDEX {
        return Err(file.error("an index above 100 MB is not read"));
    }
    let bytes = file.first(LONGEST_INDEX)?;
    let IndexFile { weight_map: Pairs(pairs) } = serde_json::from_slice(&bytes)
        .map_err(|why| file.error(format!("not an index of shards: {}", reason(&why))))?;
    if let Some(name) = repeated(pairs.iter().map(|(name, _)| name.as_str())) {
        return Err(file.error(format!("it names tensor {} twice", quoted(name))));
    }
    let folder = file.path().parent().unwrap_or(Path::new(""));
    let mut by_shard = std::collections::BTreeMap::<String, Vec<String>>::new();
    for (name, shard) in pairs {
        by_shard.entry(shard).or_default().push(name);
    }
    let shard = |(shard, names): (String, Vec<String>)| {
        let inside = Path::new(&shard).components().all(|part| matches!(part, Component::Normal(_)));
        if shard.is_empty() || !inside || shard.contains(['\\', '\0']) {
            let (shard, name) = (quoted(&shard), quoted(&names[0]));
            return Err(
                file.error(format!("its shard {shard} of tensor {name} is not a file below its own folder"))
            );
        }
        Ok(Shard { path: folder.join(shard), names })
    };
    by_shard.into_iter().map(shard).collect()
}
