//! The folder of a sweep: which shards it has, by their names.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{FinishedShard, ShardLog};
use crate::{ShardHeader, SweepError, SweepPlan, SweepShard};

/// The folder that holds the shards of one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepFolder {
    path: PathBuf,
    plan: SweepPlan,
    hash: String,
}

/// How far a shard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardState {
    /// It was not begun.
    Absent,
    /// It was begun.
    Begun,
    /// It is complete.
    Finished,
}

/// Digits of the plan's hash that names of files have.
const DIGITS: usize = 12;
/// The endings of shards that are complete, and that are not.
const FINISHED: &str = "cells";
const BEGUN: &str = "part";

pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> SweepError {
    let then = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; make room and run the same command again, it goes on from what is there"
        }
        _ => "",
    };
    SweepError::new(format!("cannot {what} {}: {error}{then}", path.display()))
}

impl SweepFolder {
    /// The folder of a plan; it need not exist yet.
    pub fn new(path: &Path, plan: &SweepPlan) -> Self {
        Self { path: path.to_path_buf(), plan: plan.clone(), hash: plan.hash() }
    }

    /// The plan.
    pub fn plan(&self) -> &SweepPlan {
        &self.plan
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a shard that is complete: `HASH-3of100.cells`, with twelve digits of the plan's hash.
    pub fn finished(&self, shard: SweepShard) -> PathBuf {
        self.file(shard, FINISHED)
    }

    /// The file of a shard that is not complete: `HASH-3of100.part`.
    pub fn begun(&self, shard: SweepShard) -> PathBuf {
        self.file(shard, BEGUN)
    }

    fn file(&self, shard: SweepShard, ending: &str) -> PathBuf {
        let SweepShard { index, count } = shard;
        self.path.join(format!("{}-{index}of{count}.{ending}", &self.hash[..DIGITS]))
    }

    pub(super) fn header(&self, shard: SweepShard) -> ShardHeader {
        ShardHeader::new(&self.plan, shard)
    }

    /// How far a shard is, by the names of files.
    pub fn state(&self, shard: SweepShard) -> ShardState {
        match () {
            () if self.finished(shard).exists() => ShardState::Finished,
            () if self.begun(shard).exists() => ShardState::Begun,
            () => ShardState::Absent,
        }
    }

    /// The number of shards that the folder's files are of; `None` if there are no shards.
    ///
    /// # Errors
    /// If the folder has shards of another plan or of two different numbers, or cannot be read.
    pub fn count(&self) -> Result<Option<u64>, SweepError> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(|error| cannot("read", &self.path, &error))?,
        };
        let mut found: Option<(u64, String)> = None;
        for entry in entries {
            let entry = entry.map_err(|error| cannot("read", &self.path, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((stem, FINISHED | BEGUN)) = name.rsplit_once('.') else { continue };
            let shard = stem.strip_prefix(&self.hash[..DIGITS]).and_then(|rest| rest.strip_prefix('-'));
            let Some(count) = shard.and_then(shard_count) else {
                return Err(SweepError::new(format!(
                    "{} is a shard of another plan than this one ({}); move it away, or choose another folder",
                    entry.path().display(),
                    &self.hash[..DIGITS]
                )));
            };
            match &found {
                Some((other, file)) if *other != count => {
                    return Err(SweepError::new(format!(
                        "{} has shards of {other} and of {count}, such as {file} and {name}; keep one kind and move \
                         the others away",
                        self.path.display()
                    )));
                }
                Some(_) => {}
                None => found = Some((count, name)),
            }
        }
        Ok(found.map(|(count, _)| count))
    }

    /// Checks that a shard may be computed into this folder.
    ///
    /// # Errors
    /// As [`count`](Self::count), and if the folder has shards of another number.
    pub fn accepts(&self, shard: SweepShard) -> Result<(), SweepError> {
        match self.count()? {
            Some(count) if count != shard.count => Err(SweepError::new(format!(
                "{} has shards of {count}, and this would be one of {}; give --shard K/{count}, or choose another folder \
                 with --out",
                self.path.display(),
                shard.count
            ))),
            _ => Ok(()),
        }
    }

    /// The shards that are not complete.
    pub fn missing(&self, count: u64) -> Vec<u64> {
        let finished = |index: &u64| self.state(SweepShard { index: *index, count }) == ShardState::Finished;
        (0..count).filter(|index| !finished(index)).collect()
    }

    /// The records of each of `count` shards, for a merge that holds no more than `memory` bytes of them. A shard that is not
    /// complete has the records that it has so far, all of them in memory, sorted.
    ///
    /// # Errors
    /// If a file is foreign, stale or damaged.
    pub fn sources(&self, count: u64, memory: usize) -> Result<Vec<FinishedShard>, SweepError> {
        let source = |index| {
            let shard = SweepShard { index, count };
            match self.state(shard) {
                ShardState::Finished => FinishedShard::open(self, shard, memory / count as usize),
                ShardState::Begun => ShardLog::peek(self, shard),
                ShardState::Absent => Ok(FinishedShard::of(vec![], 1)),
            }
        };
        (0..count).map(source).collect()
    }
}

/// The number of shards by the part of a file's name that says which one it is, such as `3of100`.
fn shard_count(name: &str) -> Option<u64> {
    let (index, count) = name.split_once("of")?;
    let (index, count) = (index.parse::<u64>().ok()?, count.parse::<u64>().ok()?);
    (index < count && count <= SweepShard::MOST).then_some(count)
}
