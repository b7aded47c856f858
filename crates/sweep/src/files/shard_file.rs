//! The file of a complete shard, read a few records at a time.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::SweepFolder;
use super::folder::cannot;
use super::shard_log::refused;
use crate::{CellRecord, ShardSource, SweepError, SweepShard};

/// The records of a shard in order. The file is opened anew for each part that is read, so a merge of thousands of shards
/// holds no more than one file open.
#[derive(Debug)]
pub struct FinishedShard {
    rest: Option<UnreadPart>,
    /// Whole records, of which those from `at` on were not handed out yet.
    bytes: Vec<u8>,
    at: usize,
    /// Bytes of a record.
    record: usize,
}

/// The part of a file that was not read yet.
#[derive(Debug)]
struct UnreadPart {
    path: PathBuf,
    at: u64,
    end: u64,
    /// Bytes that are read at once: whole records.
    part: usize,
}

impl FinishedShard {
    /// Opens the file of a complete shard, of which `memory` bytes are read at a time, at least one record.
    ///
    /// # Errors
    /// If it is foreign, of another version, or has not as many bytes as its records take.
    pub(super) fn open(folder: &SweepFolder, shard: SweepShard, memory: usize) -> Result<Self, SweepError> {
        let (path, header) = (folder.finished(shard), folder.header(shard));
        let wrong = |error| cannot("read", &path, &error);
        let mut file = File::open(&path).map_err(wrong)?;
        let mut begin = Vec::new();
        let length = header.text().len() as u64;
        Read::by_ref(&mut file).take(length).read_to_end(&mut begin).map_err(wrong)?;
        header.check(&begin).map_err(|why| refused(&path, &why))?;
        let record = CellRecord::length(header.values);
        let end = length + record as u64 * shard.cells(folder.plan().cells());
        let there = file.metadata().map_err(wrong)?.len();
        if there != end {
            return Err(SweepError::new(format!(
                "{} is damaged: it has {there} bytes, not {end}; delete it and run --shard {}/{} again",
                path.display(),
                shard.index,
                shard.count
            )));
        }
        let part = (memory / record).max(1) * record;
        let rest = Some(UnreadPart { path, at: length, end, part });
        Ok(Self { rest, bytes: vec![], at: 0, record })
    }

    /// Whole records of so many bytes in memory, in the order of cells.
    pub(super) fn of(bytes: Vec<u8>, record: usize) -> Self {
        Self { rest: None, bytes, at: 0, record }
    }

    fn damaged(&self) -> SweepError {
        let path = self.rest.as_ref().map(|rest| rest.path.display().to_string()).unwrap_or_default();
        SweepError::new(format!(
            "{path} is damaged: a record is not what was written; delete it and run its shard again"
        ))
    }
}

impl UnreadPart {
    fn next(&mut self) -> Result<Vec<u8>, SweepError> {
        let wrong = |error| cannot("read", &self.path, &error);
        let mut bytes = vec![0; self.part.min((self.end - self.at) as usize)];
        let mut file = File::open(&self.path).map_err(wrong)?;
        file.seek(SeekFrom::Start(self.at)).map_err(wrong)?;
        file.read_exact(&mut bytes).map_err(wrong)?;
        self.at += bytes.len() as u64;
        Ok(bytes)
    }
}

impl ShardSource for FinishedShard {
    fn next(&mut self) -> Result<Option<CellRecord>, SweepError> {
        if self.at == self.bytes.len()
            && let Some(rest) = self.rest.as_mut().filter(|rest| rest.at < rest.end)
        {
            (self.bytes, self.at) = (rest.next()?, 0);
        }
        let Some(bytes) = self.bytes.get(self.at..).filter(|rest| !rest.is_empty()) else { return Ok(None) };
        let record = CellRecord::read(&bytes[..self.record]).ok_or_else(|| self.damaged())?;
        self.at += self.record;
        Ok(Some(record))
    }
}
