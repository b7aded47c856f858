//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;

use crate::Failure;

/// Writes every file beside its final place, and renames them only when all are written: a full disk or a refused
/// directory leaves what was there before. A file that already holds these bytes is not touched.
///
/// # Errors
/// If the directory cannot be created, or a file cannot be written.
pub fn write_all(directory: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    create(directory)?;
    let mut staged: Vec<(AtomicWriteFile, PathBuf)> = Vec::new();
    for (name, bytes) in files {
        let path = directory.join(name);
        if path.is_dir() {
            return Err(Failure::new(format!(
                "{} is a directory where a file must go; move it away",
                shown(&path)
            )));
        }
        if !fs::read(&path).is_ok_and(|there| there == *bytes) {
            let file = stage(&path, bytes).map_err(|error| cannot("write", &path, &error))?;
            staged.push((file, path));
        }
    }
    for (file, path) in staged {
        file.commit().map_err(|error| cannot("write", &path, &error))?;
    }
    Ok(())
}

/// Writes one file whole or not at all, as [`write_all`] does, and creates its directory.
///
/// # Errors
/// If the path names no file, its directory cannot be created, or the file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::new(format!("{} is no name of a file; add one", shown(path))))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    write_all(directory, &[(name.to_owned(), bytes.to_vec())])
}

fn create(directory: &Path) -> Result<(), Failure> {
    if directory.exists() && !directory.is_dir() {
        let place = shown(directory);
        return Err(Failure::new(format!("{place} is a file, not a directory; choose another directory")));
    }
    fs::create_dir_all(directory).map_err(|error| cannot("create", directory, &error))
}

/// The file beside its final place.
fn stage(path: &Path, bytes: &[u8]) -> io::Result<AtomicWriteFile> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot {what} {}: {error}; choose another directory", shown(path)))
}

/// The bytes of a file; `hint` says what to do if it cannot be read.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path, hint: &str) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(format!("cannot read {}: {error}; {hint}", shown(path))))
}

/// A path as a reader would write it: relative to the working directory if it is below it.
pub fn shown(path: &Path) -> String {
    let relative =
        std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    let shown = relative.as_deref().unwrap_or(path).display().to_string();
    if shown.is_empty() { ".".to_owned() } else { shown }
}

/// A path as it is typed into a shell: [`shown`], in quotes where it needs them.
pub fn typed(path: &Path) -> String {
    quoted(&shown(path))
}

/// A word of a shell.
///
/// ```
/// use cli::files::quoted;
///
/// assert_eq!(["a/b-c.d", "a b", "it's $x", ""].map(quoted), ["a/b-c.d", "'a b'", r"'it'\''s $x'", "''"]);
/// ```
pub fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./=:,+@%".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
