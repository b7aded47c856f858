//! Files that appear whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;

use crate::fault::Fault;
use crate::paths::shown;

/// Writes every file beside its place, and renames them only when all are written: a full disk or a refused
/// directory leaves what was there before. A file that holds these bytes already is left alone.
pub(crate) fn write_all(directory: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Fault> {
    let cannot = |what: &str, path: &Path, error: &std::io::Error| {
        Fault::new(format!("cannot {what} {}: {error}; choose another directory with --out", shown(path)))
    };
    if directory.exists() && !directory.is_dir() {
        return Err(Fault::new(format!(
            "{} is a file, not a directory; choose another with --out",
            shown(directory)
        )));
    }
    fs::create_dir_all(directory).map_err(|error| cannot("create", directory, &error))?;
    let mut staged: Vec<(AtomicWriteFile, PathBuf)> = Vec::new();
    for (name, bytes) in files {
        let path = directory.join(name);
        if path.is_dir() {
            return Err(Fault::new(format!(
                "{} is a directory where a file must go; move it away",
                shown(&path)
            )));
        }
        if fs::read(&path).is_ok_and(|there| there == *bytes) {
            continue;
        }
        let mut file = AtomicWriteFile::open(&path).map_err(|error| cannot("write", &path, &error))?;
        file.write_all(bytes).map_err(|error| cannot("write", &path, &error))?;
        staged.push((file, path));
    }
    for (file, path) in staged {
        file.commit().map_err(|error| cannot("write", &path, &error))?;
    }
    Ok(())
}

/// The bytes of a file; `hint` says what to do when there are none.
pub(crate) fn read(path: &Path, hint: &str) -> Result<Vec<u8>, Fault> {
    fs::read(path).map_err(|error| Fault::new(format!("cannot read {}: {error}; {hint}", shown(path))))
}
