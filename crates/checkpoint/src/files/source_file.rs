//! Files and their bytes: the one place that opens them.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::error::CheckpointError;

/// The text of the `config.json` beside a file, or in a directory; `None` if there is none.
pub fn config_beside(path: &Path) -> Option<String> {
    let folder = if path.is_dir() { path } else { path.parent()? };
    fs::read_to_string(folder.join("config.json")).ok()
}

/// An open file, read at positions by any number of threads.
#[derive(Debug)]
pub(crate) struct SourceFile {
    path: PathBuf,
    file: PositionalFile,
    stamp: FileStamp,
}

/// The facts that tell a file from one that replaced it or was written to since.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<Duration>,
    /// Device and number of the file.
    identity: Option<[u64; 2]>,
}

impl FileStamp {
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self { length: metadata.len(), modified, identity: identity(metadata) }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<[u64; 2]> {
    use std::os::unix::fs::MetadataExt;
    Some([metadata.dev(), metadata.ino()])
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<[u64; 2]> {
    None
}

/// A file that is read at a position: with a call of the system that has one, or else by one thread at a time.
#[derive(Debug)]
struct PositionalFile {
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: std::sync::Mutex<File>,
}

#[cfg(unix)]
impl PositionalFile {
    fn new(file: File) -> Self {
        Self { file }
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, offset)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

#[cfg(not(unix))]
impl PositionalFile {
    fn new(file: File) -> Self {
        Self { file: std::sync::Mutex::new(file) }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = self.locked();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.locked().metadata()
    }
}

impl SourceFile {
    /// Opens a regular file. Others, such as pipes, are refused before they are opened, because that may wait forever.
    pub(crate) fn open(path: &Path) -> Result<Self, CheckpointError> {
        let wrong = |why: &io::Error| CheckpointError::of(path, format!("cannot read it: {why}"));
        if !fs::metadata(path).map_err(|why| wrong(&why))?.is_file() {
            return Err(CheckpointError::of(path, "not a regular file; name a file of weights"));
        }
        let file = PositionalFile::new(File::open(path).map_err(|why| wrong(&why))?);
        let stamp = FileStamp::of(&file.metadata().map_err(|why| wrong(&why))?);
        Ok(Self { path: path.to_owned(), file, stamp })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of its bytes when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.stamp.length
    }

    /// An error about this file.
    pub(crate) fn error(&self, what: impl std::fmt::Display) -> CheckpointError {
        CheckpointError::of(&self.path, what)
    }

    /// Fills `bytes` with what is at an offset.
    pub(crate) fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), CheckpointError> {
        self.file.read_exact_at(bytes, offset).map_err(|why| match why.kind() {
            io::ErrorKind::UnexpectedEof => {
                self.error("it became shorter while it was read; run again when nothing writes to it")
            }
            _ => self.error(format!("cannot read it: {why}")),
        })
    }

    /// The bytes from `offset`. The caller knows that they are within the file, so that no length from a file allocates more.
    pub(crate) fn bytes_at(&self, offset: u64, length: u64) -> Result<Vec<u8>, CheckpointError> {
        debug_assert!(offset + length <= self.len());
        let mut bytes = vec![0; length as usize];
        self.read_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    /// The first bytes, at most `length` of them.
    pub(crate) fn first(&self, length: u64) -> Result<Vec<u8>, CheckpointError> {
        self.bytes_at(0, length.min(self.len()))
    }

    /// Fails if the file has been written to since it was opened, or if its path leads to another one.
    pub(crate) fn check_unchanged(&self) -> Result<(), CheckpointError> {
        let now = fs::metadata(&self.path).ok().map(|metadata| FileStamp::of(&metadata));
        if now.as_ref() == Some(&self.stamp) {
            return Ok(());
        }
        let what = match now {
            Some(now) if now.identity == self.stamp.identity => "it was written to",
            _ => "it was replaced",
        };
        Err(self.error(format!("{what} while it was read; run again when nothing writes to it")))
    }
}

/// True for a directory.
pub(crate) fn is_directory(path: &Path) -> bool {
    path.is_dir()
}

/// The files of a directory, sorted by name.
pub(crate) fn files_of(directory: &Path) -> Result<Vec<PathBuf>, CheckpointError> {
    let wrong = |why: io::Error| CheckpointError::of(directory, format!("cannot list it: {why}"));
    let entries = fs::read_dir(directory).map_err(wrong)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(wrong));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// A part of a file as a stream, for decompression.
#[derive(Debug)]
pub(crate) struct FileSection<'a> {
    file: &'a SourceFile,
    offset: u64,
    left: u64,
    /// What a read of the file failed with.
    pub(crate) failure: Option<CheckpointError>,
}

impl<'a> FileSection<'a> {
    pub(crate) fn new(file: &'a SourceFile, offset: u64, length: u64) -> Self {
        Self { file, offset, left: length, failure: None }
    }
}

impl io::Read for FileSection<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.left.min(bytes.len() as u64);
        if let Err(error) = self.file.read_at(&mut bytes[..length as usize], self.offset) {
            self.failure = Some(error);
            return Err(io::Error::other("the file"));
        }
        self.offset += length;
        self.left -= length;
        Ok(length as usize)
    }
}
