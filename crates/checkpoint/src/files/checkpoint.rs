//! One model's tensors, in one file or in several.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::{CheckpointError, quoted};
use super::inflater::Inflater;
use super::source_file::{SourceFile, files_of, is_directory};
use super::stored_tensor::{Storage, StoredTensor};
use super::{format, shard_index};
use crate::TensorInfo;

/// The tensors of a model, in the files that hold them. Their values are read when asked for.
#[derive(Debug)]
pub struct Checkpoint {
    files: Vec<SourceFile>,
    tensors: Vec<TensorInfo>,
    /// For each tensor its file and the place there.
    places: Vec<(usize, Storage)>,
}

impl Checkpoint {
    /// Opens one or several files of the same model and reads their headers.
    ///
    /// A path is a safetensors file; an index of shards (`*.index.json`), whose files are then opened too; a directory that
    /// holds one index or one safetensors file; or a NumPy file, `.npz` or `.npy`. Pickles of PyTorch are refused with the
    /// command that converts them, because to read one is to execute it.
    ///
    /// Nothing in a file is believed: every tensor's bytes are within the file, as many as its shape says, and those of no other
    /// tensor. No more memory is taken than is in proportion to the headers.
    ///
    /// ```no_run
    /// use checkpoint::Checkpoint;
    ///
    /// let checkpoint = Checkpoint::open(&["model.safetensors"])?;
    /// for tensor in checkpoint.tensors() {
    ///     println!("{} {:?} {}", tensor.name, tensor.shape, tensor.dtype);
    /// }
    /// # Ok::<(), checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    /// If a file cannot be read, is damaged or of another kind; if a shard is missing or lacks a tensor; if two files have a
    /// tensor of the same name.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, CheckpointError> {
        let mut checkpoint = Self { files: vec![], tensors: vec![], places: vec![] };
        for path in paths {
            checkpoint.add(path.as_ref())?;
        }
        checkpoint.check_names()?;
        Ok(checkpoint)
    }

    /// The tensors: file by file, in the order of their bytes.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// The files that were opened, indices of shards left out.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(SourceFile::path)
    }

    /// The file that holds the tensor at an index.
    ///
    /// # Panics
    /// If there are not so many tensors.
    pub fn file_of(&self, tensor: usize) -> &Path {
        self.source_of(tensor).path()
    }

    /// The little-endian bytes of consecutive values of the tensor at an index, in row-major order.
    ///
    /// A compressed tensor is unpacked up to the last of them.
    ///
    /// # Errors
    /// If the file cannot be read or its compressed data are damaged.
    ///
    /// # Panics
    /// If there is no such tensor or value, or if values of its type are not judged.
    pub fn bytes(&self, tensor: usize, values: Range<usize>) -> Result<Vec<u8>, CheckpointError> {
        let info = &self.tensors[tensor];
        assert!(info.dtype.is_judged(), "values of type {} are not read", info.dtype);
        assert!(
            values.start <= values.end && values.end <= info.len(),
            "values of {:?}: {values:?}",
            info.shape
        );
        let size = info.dtype.size();
        let mut bytes = vec![0; values.len() * size];
        match &self.places[tensor].1 {
            Storage::Plain { .. } => self.read_plain(tensor, values.start, &mut bytes)?,
            Storage::Deflated(_) => {
                let mut stream = self.inflater(tensor)?;
                stream.skip((values.start * size) as u64)?;
                stream.fill(&mut bytes)?;
            }
        }
        Ok(bytes)
    }

    pub(super) fn sources(&self) -> &[SourceFile] {
        &self.files
    }

    pub(super) fn source_of(&self, tensor: usize) -> &SourceFile {
        &self.files[self.places[tensor].0]
    }

    pub(super) fn storage_of(&self, tensor: usize) -> &Storage {
        &self.places[tensor].1
    }

    /// Fills `bytes` from the value `start` of a tensor that is stored as it is.
    pub(super) fn read_plain(
        &self,
        tensor: usize,
        start: usize,
        bytes: &mut [u8],
    ) -> Result<(), CheckpointError> {
        let (file, Storage::Plain { offset }) = &self.places[tensor] else {
            unreachable!("compressed tensors are streams")
        };
        let start = offset + (start * self.tensors[tensor].dtype.size()) as u64;
        self.files[*file].read_at(bytes, start)
    }

    /// The values of a compressed tensor as a stream.
    pub(super) fn inflater(&self, tensor: usize) -> Result<Inflater<'_>, CheckpointError> {
        let (file, Storage::Deflated(member)) = &self.places[tensor] else {
            unreachable!("the tensor is not compressed")
        };
        let mut stream = Inflater::new(&self.files[*file], member.offset, member.compressed, member.crc);
        stream.skip(member.skip)?;
        Ok(stream)
    }

    fn add(&mut self, path: &Path) -> Result<(), CheckpointError> {
        if is_directory(path) {
            return self.add(&file_of_directory(path)?);
        }
        if shard_index::is_index(path) {
            return self.add_shards(path);
        }
        self.add_file(path)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), CheckpointError> {
        let file = SourceFile::open(path)?;
        for StoredTensor { info, storage } in format::tensors(&file)? {
            self.tensors.push(info);
            self.places.push((self.files.len(), storage));
        }
        self.files.push(file);
        Ok(())
    }

    fn add_shards(&mut self, path: &Path) -> Result<(), CheckpointError> {
        let index = SourceFile::open(path)?;
        for shard in shard_index::shards(&index)? {
            let before = self.tensors.len();
            self.add_file(&shard.path).map_err(|why| index.error(format!("shard {why}")))?;
            let held: std::collections::HashSet<&str> =
                self.tensors[before..].iter().map(|tensor| tensor.name.as_str()).collect();
            if let Some(name) = shard.names.iter().find(|name| !held.contains(name.as_str())) {
                let file = quoted(&shard.path.file_name().unwrap_or_default().to_string_lossy());
                return Err(index.error(format!(
                    "tensor {} is not in shard {file}, where the index says it is; download both again",
                    quoted(name)
                )));
            }
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), CheckpointError> {
        let mut seen = HashMap::new();
        for (at, tensor) in self.tensors.iter().enumerate() {
            if let Some(first) = seen.insert(tensor.name.as_str(), at) {
                return Err(format::in_two_files(&tensor.name, self.source_of(first), self.source_of(at)));
            }
        }
        Ok(())
    }
}

/// The index of a directory, or else its one safetensors file.
fn file_of_directory(directory: &Path) -> Result<PathBuf, CheckpointError> {
    let files = files_of(directory)?;
    let indices: Vec<_> = files.iter().filter(|path| shard_index::is_index(path)).collect();
    let weights: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|end| end == "safetensors")).collect();
    let of_safetensors = |path: &&&PathBuf| path.to_string_lossy().ends_with(".safetensors.index.json");
    let preferred: Vec<_> = indices.iter().filter(of_safetensors).collect();
    match (&preferred[..], &indices[..], &weights[..]) {
        ([index], ..) => Ok(index.to_path_buf()),
        ([], [index], []) => Ok(index.to_path_buf()),
        ([], _, [file]) => Ok(file.to_path_buf()),
        ([], [], []) => Err(CheckpointError::of(
            directory,
            "a directory without an index of shards or a safetensors file; name a file",
        )),
        _ => Err(CheckpointError::of(
            directory,
            format!(
                "a directory with {} indices and {} safetensors files; name the ones that are one model",
                indices.len(),
                weights.len()
            ),
        )),
    }
}
