//! The one place below xtask that touches files, the environment and standard error.

use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::{env, fs};

use atomic_write_file::AtomicWriteFile;

/// An environment variable.
pub(super) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// The text of a file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read the baseline: {error}")),
    }
}

/// Writes beside the place and renames then, so that a file is there whole or not at all; makes the directories above.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let written = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(text.as_bytes())?;
        file.commit()
    };
    written().map_err(|error| format!("cannot write the baseline: {error}"))
}

/// On standard error itself, which a test that passes shows too.
pub(super) fn say(text: &str) {
    // A terminal that is gone is no reason to fail: what it is about has been done.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
