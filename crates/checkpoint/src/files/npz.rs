//! NumPy's files: one array (`.npy`), or an archive of several (`.npz`).

use super::error::{CheckpointError, quoted};
use super::inflater::Inflater;
use super::npy::{self, ArrayHeader, PREFIX};
use super::source_file::SourceFile;
use super::stored_tensor::{DeflatedMember, Storage, StoredTensor};
use super::zip_directory::ZipMember;
use crate::TensorInfo;

/// The tensor of a `.npy` file, which has the file's name.
pub(super) fn array(file: &SourceFile) -> Result<StoredTensor, CheckpointError> {
    let name = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
    plain(file, name, 0, file.len())
}

/// The tensor of a member of an archive.
pub(super) fn member(file: &SourceFile, member: &ZipMember) -> Result<StoredTensor, CheckpointError> {
    let Some(name) = member.name.strip_suffix(".npy") else {
        let name = quoted(&member.name);
        return Err(file.error(format!("its member {name} is no NumPy array; save it with numpy.savez")));
    };
    match member.deflated {
        true => deflated(file, name.to_owned(), member),
        false => plain(file, name.to_owned(), member.offset, member.size),
    }
}

/// An array as it is, in `all` bytes from an offset.
fn plain(file: &SourceFile, name: String, offset: u64, all: u64) -> Result<StoredTensor, CheckpointError> {
    let wrong = |why: String| about(file, &name, &why);
    if all < PREFIX as u64 {
        return Err(wrong("too short for a NumPy array; save it again".into()));
    }
    let length = npy::header_length(&file.bytes_at(offset, PREFIX as u64)?).map_err(wrong)? as u64;
    if length > all {
        return Err(wrong("its header does not fit; save it again".into()));
    }
    let header = npy::header(&file.bytes_at(offset, length)?).map_err(wrong)?;
    let storage = Storage::Plain { offset: offset + length };
    stored(file, name, header, all, storage)
}

/// An array in a deflated member, of which the header is unpacked.
fn deflated(file: &SourceFile, name: String, member: &ZipMember) -> Result<StoredTensor, CheckpointError> {
    let wrong = |why: String| about(file, &name, &why);
    let mut stream = Inflater::new(file, member.offset, member.compressed, member.crc);
    let mut bytes = vec![0; PREFIX];
    if member.size < PREFIX as u64 {
        return Err(wrong("too short for a NumPy array; save it again".into()));
    }
    stream.fill(&mut bytes)?;
    let length = npy::header_length(&bytes).map_err(wrong)?;
    if length as u64 > member.size {
        return Err(wrong("its header does not fit; save it again".into()));
    }
    bytes.resize(length.max(PREFIX), 0);
    stream.fill(&mut bytes[PREFIX..])?;
    bytes.truncate(length);
    let header = npy::header(&bytes).map_err(wrong)?;
    let storage = Storage::Deflated(DeflatedMember {
        offset: member.offset,
        compressed: member.compressed,
        skip: length as u64,
        crc: member.crc,
    });
    stored(file, name, header, member.size, storage)
}

/// The tensor, if its header and its values are all that there is.
fn stored(
    file: &SourceFile,
    name: String,
    header: ArrayHeader,
    all: u64,
    storage: Storage,
) -> Result<StoredTensor, CheckpointError> {
    let held = all - header.length;
    if let Some(expected) = header.bytes
        && expected != held
    {
        let what = format!(
            "{held} bytes of values do not hold its shape {:?}, which takes {expected}; save it again",
            header.shape
        );
        return Err(about(file, &name, &what));
    }
    Ok(StoredTensor { info: TensorInfo { name, dtype: header.dtype, shape: header.shape }, storage })
}

fn about(file: &SourceFile, name: &str, why: &str) -> CheckpointError {
    file.error(format!("array {}: {why}", quoted(name)))
}
