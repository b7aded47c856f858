//! The only file of this crate that touches files, the environment and standard error.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::{env, fs};

use atomic_write_file::AtomicWriteFile;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// The value of an environment variable.
pub(super) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// The text of a file; `None` if the file does not exist.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read the baseline: {error}")),
    }
}

/// Writes a temporary file and renames it, so that the file appears whole or not at all. Creates missing directories.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let written = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(text.as_bytes())?;
        file.commit()
    };
    written().map_err(|error| format!("cannot write the baseline: {error}"))
}

/// Writes to standard error itself, so that a passing test shows the text too.
pub(super) fn print_error(text: &str) {
    // A closed terminal is no reason to fail: the work itself is done.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A document as JSON, with its fields and each statistic on a line of their own.
pub(super) fn line_per_statistic(document: &impl Serialize) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, LinePerStatistic::default());
    document.serialize(&mut serializer).expect("numbers and texts are JSON");
    String::from_utf8(text).expect("JSON is UTF-8") + "\n"
}

/// The layout of [`line_per_statistic`], with a space after commas and colons.
#[derive(Default)]
struct LinePerStatistic {
    /// The number of objects around the next token: 1 in the document, 2 in a statistic.
    depth: usize,
    /// True between the statistics of the document.
    after_statistic: bool,
}

impl Formatter for LinePerStatistic {
    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(if self.depth == 1 { b"{" } else { b"\n    {" })
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.after_statistic = self.depth == 1;
        writer.write_all(if self.depth == 0 { b"\n}" } else { b"}" })
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(match (self.depth, first) {
            (1, true) => b"\n  ",
            (1, false) => b",\n  ",
            (_, true) => b"",
            (_, false) => b", ",
        })
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(match (first, self.after_statistic) {
            (true, _) => b"",
            (false, true) => b",",
            (false, false) => b", ",
        })
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.after_statistic { b"\n  ]" } else { b"]" })
    }
}
