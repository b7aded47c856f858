//! The kind of a file, by its first bytes.

use super::error::{CheckpointError, quoted};
use super::source_file::SourceFile;
use super::stored_tensor::StoredTensor;
use super::{npy, npz, safetensors, zip_directory};

/// The tensors of a file of any kind that is read.
pub(super) fn tensors(file: &SourceFile) -> Result<Vec<StoredTensor>, CheckpointError> {
    let first = file.first(512)?;
    if first.is_empty() {
        return Err(file.error("the file is empty; save or download it again"));
    }
    if safetensors::is_safetensors(&first) {
        return safetensors::tensors(file);
    }
    if first.starts_with(npy::MAGIC) {
        return Ok(vec![npz::array(file)?]);
    }
    if first.starts_with(zip_directory::LOCAL) || first.starts_with(b"PK\x05\x06") {
        return archive(file);
    }
    Err(file.error(other_kind(&first, file)))
}

/// The arrays of an archive, unless it is one of PyTorch's.
fn archive(file: &SourceFile) -> Result<Vec<StoredTensor>, CheckpointError> {
    let members = zip_directory::members(file)?;
    if members.iter().any(|member| member.name == "data.pkl" || member.name.ends_with("/data.pkl")) {
        return Err(file.error(convert_pytorch(file)));
    }
    members.iter().map(|member| npz::member(file, member)).collect()
}

/// The likely kind of a file that is not read, and the way to convert it.
fn other_kind(first: &[u8], file: &SourceFile) -> String {
    // Pickles of protocol 2 to 5.
    let is_pickle = matches!(first, [0x80, 2..=5, ..]);
    match first {
        _ if is_pickle => convert_pytorch(file),
        _ if first.starts_with(b"version https://git-lfs") => {
            "a pointer of Git LFS in place of the file; run git lfs pull".into()
        }
        _ if first.starts_with(b"GGUF") => {
            "a GGUF file; name the safetensors file that it was made from".into()
        }
        _ if first.starts_with(b"\x89HDF") => "an HDF5 file; save its arrays with numpy.savez".into(),
        _ => "neither safetensors nor NumPy's .npz or .npy; save the weights as safetensors".into(),
    }
}

/// PyTorch's own format is a pickle: a program that makes the tensors, and so can do anything else.
fn convert_pytorch(file: &SourceFile) -> String {
    let name = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let usable = !name.contains(['\'', '"', '\\', '`', '$', '\n', '!']);
    let (from, to) = match file.path().file_stem() {
        Some(stem) if usable => (name.clone(), format!("{}.safetensors", stem.to_string_lossy())),
        _ => ("FILE".to_owned(), "FILE.safetensors".to_owned()),
    };
    format!(
        "a pickle of PyTorch, which would have to be executed; convert it: python -c \"import torch, safetensors.torch as s; \
         s.save_file({{k: v.clone() for k, v in torch.load('{from}', map_location='cpu', weights_only=True).items()}}, \
         '{to}')\"",
    )
}

/// A line about a tensor that two files have.
pub(super) fn in_two_files(name: &str, first: &SourceFile, second: &SourceFile) -> CheckpointError {
    let other = first.path().display();
    second.error(format!("tensor {} is in {other} too; name files of one model", quoted(name)))
}
