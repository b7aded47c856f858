//! The file of a shard while it is computed: records are appended, and a torn end is cut off.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufWriter, Read, Seek, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::folder::cannot;
use super::{FinishedShard, SweepFolder};
use crate::{CellDeal, CellRecord, ShardState, SweepError, SweepShard};

/// A shard that is being computed. It holds a lock on its file, so that two processes cannot append to one.
#[derive(Debug)]
pub struct ShardLog {
    folder: SweepFolder,
    shard: SweepShard,
    path: PathBuf,
    file: File,
    /// Bytes since the disk was last asked to keep what it has.
    unsynced: usize,
}

/// A shard that was opened for computing.
#[derive(Debug)]
pub enum OpenedShard {
    /// It is complete; nothing is left to do.
    Finished,
    /// It is open, and these of its cells are computed already.
    Open {
        /// The file.
        log: Box<ShardLog>,
        /// The cells that it has.
        done: HashSet<u64>,
        /// Bytes that were cut off, because they were not a whole record.
        cut: u64,
    },
}

/// Bytes after which the disk is asked to keep them. What a process has written survives its end, whatever ends it; this is
/// about machines that lose power.
const SYNC: usize = 1 << 20;

impl ShardLog {
    /// Opens a shard to go on with it, or begins it. The folder must exist.
    ///
    /// # Errors
    /// If another process has it open, the file is foreign or of another version, or cannot be read and written.
    pub fn open(folder: &SweepFolder, shard: SweepShard) -> Result<OpenedShard, SweepError> {
        folder.accepts(shard)?;
        if finished(folder, shard)? {
            return Ok(OpenedShard::Finished);
        }
        let path = folder.begun(shard);
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = opened.map_err(|error| cannot("open", &path, &error))?;
        if !locked(&file) {
            return Err(SweepError::new(format!(
                "another process is computing {}; wait for it, or end it",
                path.display()
            )));
        }
        // The process before may have finished it between both looks.
        if finished(folder, shard)? {
            let _ = fs::remove_file(&path);
            return Ok(OpenedShard::Finished);
        }
        let header = folder.header(shard);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| cannot("read", &path, &error))?;
        let (kept, done) = match header.check(&bytes).map_err(|why| refused(&path, &why))? {
            None => (0, HashSet::new()),
            Some(begin) => {
                let records = whole_records(folder, shard, &bytes[begin..]);
                let length = records.len() * CellRecord::length(header.values);
                (begin + length, records.iter().map(|&(cell, _)| cell).collect())
            }
        };
        let mut log = Self { folder: folder.clone(), shard, path, file, unsynced: 0 };
        let cut = (bytes.len() - kept) as u64;
        if cut > 0 {
            log.file.set_len(kept as u64).map_err(|error| cannot("write", &log.path, &error))?;
        }
        if kept == 0 {
            log.write(header.text().as_bytes())?;
        }
        Ok(OpenedShard::Open { log: Box::new(log), done, cut })
    }

    /// The records that an open or interrupted shard has, for a look before it is complete.
    pub(super) fn peek(folder: &SweepFolder, shard: SweepShard) -> Result<FinishedShard, SweepError> {
        let path = folder.begun(shard);
        let bytes = fs::read(&path).map_err(|error| cannot("read", &path, &error))?;
        let begin = folder.header(shard).check(&bytes).map_err(|why| refused(&path, &why))?;
        let records = begin.map_or(vec![], |begin| sorted(whole_records(folder, shard, &bytes[begin..])));
        let in_order: Vec<u8> = records.into_iter().flat_map(|(_, record)| record).copied().collect();
        Ok(FinishedShard::of(in_order, CellRecord::length(folder.plan().measures.len())))
    }

    /// Appends a record. When it returns, the record survives the end of this process.
    ///
    /// # Errors
    /// If it cannot be written. Part of it may be in the file then; opening the shard again cuts that off.
    pub fn append(&mut self, record: &CellRecord) -> Result<(), SweepError> {
        self.write(&record.bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SweepError> {
        let mut written = self.file.write_all(bytes);
        self.unsynced += bytes.len();
        if written.is_ok() && self.unsynced >= SYNC {
            self.unsynced = 0;
            written = self.file.sync_data();
        }
        written.map_err(|error| cannot("write", &self.path, &error))
    }

    /// Puts the records in order under the name of a complete shard, if all are there, and returns whether they are. The
    /// file appears whole or not at all.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn finish(mut self) -> Result<bool, SweepError> {
        let wrong = |error| cannot("read", &self.path, &error);
        let mut bytes = Vec::new();
        self.file.rewind().map_err(wrong)?;
        self.file.read_to_end(&mut bytes).map_err(wrong)?;
        let header = self.folder.header(self.shard).text();
        let bytes = bytes.get(header.len()..).unwrap_or_default();
        let records = sorted(whole_records(&self.folder, self.shard, bytes));
        if records.len() as u64 != self.shard.cells(self.folder.plan().cells()) {
            return Ok(false);
        }
        let name = self.folder.finished(self.shard);
        let staged = name.with_extension("tmp");
        let write = || -> std::io::Result<()> {
            let mut file = BufWriter::new(File::create(&staged)?);
            file.write_all(header.as_bytes())?;
            records.iter().try_for_each(|(_, record)| file.write_all(record))?;
            file.into_inner()?.sync_all()
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&staged);
        }
        written.map_err(|error| cannot("write", &staged, &error))?;
        fs::rename(&staged, &name).map_err(|error| cannot("write", &name, &error))?;
        fs::remove_file(&self.path).map_err(|error| cannot("remove", &self.path, &error))?;
        Ok(true)
    }
}

/// Takes the lock of a file, or waits a second for a process that is just ending. On a file system without locks it counts
/// as taken: records of two processes would be cut off where they meet, and computed again.
fn locked(file: &File) -> bool {
    for _ in 0..20 {
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

/// True if a shard is complete and its file is its own.
fn finished(folder: &SweepFolder, shard: SweepShard) -> Result<bool, SweepError> {
    if folder.state(shard) != ShardState::Finished {
        return Ok(false);
    }
    FinishedShard::open(folder, shard, 0).map(|_| true)
}

/// The cells and bytes of the records up to the first that is not whole, or is not a cell of this shard.
fn whole_records<'a>(folder: &SweepFolder, shard: SweepShard, bytes: &'a [u8]) -> Vec<(u64, &'a [u8])> {
    let cells = folder.plan().cells();
    let deal = CellDeal::new(cells);
    let records = bytes.chunks(CellRecord::length(folder.plan().measures.len()));
    let own = |cell: &u64| *cell < cells && deal.shard(*cell, shard.count) == shard.index;
    let whole = |bytes: &'a [u8]| {
        let cell = CellRecord::read(bytes)?.cell;
        own(&cell).then_some((cell, bytes))
    };
    records.map_while(whole).collect()
}

/// In the order of cells, each once.
fn sorted(mut records: Vec<(u64, &[u8])>) -> Vec<(u64, &[u8])> {
    records.sort_by_key(|&(cell, _)| cell);
    records.dedup_by_key(|&mut (cell, _)| cell);
    records
}

pub(super) fn refused(path: &std::path::Path, why: &SweepError) -> SweepError {
    SweepError::new(format!("{}: {why}", path.display()))
}
