//! The merged table as a CSV file.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::folder::cannot;
use crate::{CellRecord, SweepColumns, SweepError};

/// A CSV file that grows row by row and appears under its name when it is finished.
pub struct TableFile<'a> {
    columns: &'a SweepColumns<'a>,
    path: PathBuf,
    staged: PathBuf,
    file: BufWriter<File>,
    finished: bool,
}

impl<'a> TableFile<'a> {
    /// Begins a file with the names of the columns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: &Path, columns: &'a SweepColumns<'a>) -> Result<Self, SweepError> {
        let (staged, file) = staged(path, "csv")?;
        let mut table =
            Self { columns, path: path.to_path_buf(), staged, file: BufWriter::new(file), finished: false };
        table.write(&columns.csv_header())?;
        Ok(table)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn row(&mut self, record: &CellRecord) -> Result<(), SweepError> {
        self.write(&self.columns.csv_row(record))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<(), SweepError> {
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        let named = flushed.and_then(|()| fs::rename(&self.staged, &self.path));
        named.map_err(|error| cannot("write", &self.path, &error))?;
        self.finished = true;
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), SweepError> {
        self.file.write_all(text.as_bytes()).map_err(|error| cannot("write", &self.staged, &error))
    }
}

/// A new file beside a table, which no other merge of the same folder writes to: it is locked. One that a killed merge left
/// is not, and is removed.
pub(super) fn staged(path: &Path, ending: &str) -> Result<(PathBuf, File), SweepError> {
    let mut number = 0;
    loop {
        let staged = path.with_extension(format!("{ending}.{number}.tmp"));
        match File::create_new(&staged) {
            Ok(file) => {
                // Without locks on this file system, what killed merges leave stays.
                let _ = file.try_lock();
                return Ok((staged, file));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(cannot("write", &staged, &error)),
        }
        let abandoned = File::open(&staged).is_ok_and(|file| file.try_lock().is_ok());
        if !abandoned || fs::remove_file(&staged).is_err() {
            number += 1;
        }
    }
}

/// A table that was not finished leaves nothing.
impl Drop for TableFile<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.staged);
        }
    }
}
