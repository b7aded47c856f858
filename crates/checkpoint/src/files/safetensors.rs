//! The header of a safetensors file, checked to the last byte.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{CheckpointError, quoted, reason};
use super::json::{MOST_TENSORS, repeated};
use super::source_file::SourceFile;
use super::stored_tensor::{Storage, StoredTensor, bytes_of, safetensors_type};
use crate::TensorInfo;

/// The longest header that the format permits.
const LONGEST_HEADER: u64 = 100_000_000;

/// The tensors of a header, in its order; the metadata are left out.
struct Header(Vec<(String, HeaderEntry)>);

#[derive(Deserialize)]
struct HeaderEntry {
    dtype: String,
    #[serde(deserialize_with = "axes")]
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

/// The most axes of a tensor. PyTorch's have at most 64.
const MOST_AXES: usize = 64;

/// A shape, of which no more is kept than a tensor has.
fn axes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    struct Axes;
    impl<'de> Visitor<'de> for Axes {
        type Value = Vec<usize>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a shape")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut shape = Vec::new();
            while let Some(length) = seq.next_element()? {
                if shape.len() == MOST_AXES {
                    return Err(A::Error::custom(format!("a shape of more than {MOST_AXES} axes")));
                }
                shape.push(length);
            }
            Ok(shape)
        }
    }
    deserializer.deserialize_seq(Axes)
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeaderVisitor;
        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else if entries.len() == MOST_TENSORS {
                        return Err(A::Error::custom(format!("more than {MOST_TENSORS} tensors")));
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Header(entries))
            }
        }
        deserializer.deserialize_map(HeaderVisitor)
    }
}

/// True if a file that begins with these bytes and has this length looks like safetensors: the length of a header that
/// fits, and the brace that it begins with.
pub(super) fn is_safetensors(first: &[u8]) -> bool {
    first.len() > 8 && first[8] == b'{'
}

/// The tensors of a safetensors file, in the order of their bytes.
pub(super) fn tensors(file: &SourceFile) -> Result<Vec<StoredTensor>, CheckpointError> {
    let (entries, data) = header(file)?;
    let mut ranges = Vec::with_capacity(entries.len());
    let mut tensors = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let [start, end] = entry.data_offsets;
        ranges.push((start, end, tensors.len()));
        tensors.push(tensor(file, name, entry, data)?);
    }
    ranges.sort_unstable();
    check_ranges(file, &ranges, &tensors, file.len() - data)?;
    let mut ordered: Vec<_> = tensors.into_iter().map(Some).collect();
    Ok(ranges.iter().filter_map(|&(.., at)| ordered[at].take()).collect())
}

/// The named entries of the header, and the offset at which the data begin.
fn header(file: &SourceFile) -> Result<(Vec<(String, HeaderEntry)>, u64), CheckpointError> {
    let damaged = |why: String| file.error(format!("{why}: the file is damaged, save or download it again"));
    let length = file.first(8)?;
    let length = length.try_into().map(u64::from_le_bytes).map_err(|_| damaged("it is too short".into()))?;
    if length > LONGEST_HEADER {
        return Err(damaged(format!(
            "its header would have {length} bytes, above the format's limit of 100 MB"
        )));
    }
    let data = 8 + length;
    if data > file.len() {
        return Err(damaged(format!("its header of {length} bytes does not fit into {}", file.len())));
    }
    let bytes = file.bytes_at(8, length)?;
    let Header(entries) = serde_json::from_slice(&bytes)
        .map_err(|why| damaged(format!("its header is wrong: {}", reason(&why))))?;
    if let Some(name) = repeated(entries.iter().map(|(name, _)| name.as_str())) {
        return Err(damaged(format!("tensor {} is in its header twice", quoted(name))));
    }
    Ok((entries, data))
}

/// One tensor, whose bytes are as many as its shape says and within the file.
fn tensor(
    file: &SourceFile,
    name: String,
    entry: HeaderEntry,
    data: u64,
) -> Result<StoredTensor, CheckpointError> {
    let wrong = |why: String| {
        let name = quoted(&name);
        file.error(format!("tensor {name}: {why}: the file is damaged, save or download it again"))
    };
    let [start, end] = entry.data_offsets;
    let all = file.len() - data;
    if start > end || end > all {
        return Err(wrong(format!("its bytes {start}..{end} are not within the {all} bytes of data")));
    }
    let (dtype, bits) = safetensors_type(&entry.dtype);
    // An unknown type may have values of any size, but not a shape beyond all memory.
    let expected = bytes_of(&entry.shape, bits.unwrap_or(8));
    match (bits, expected) {
        (_, None) => {
            let kind = quoted(&entry.dtype);
            return Err(wrong(format!("no file holds the shape {:?} of type {kind}", entry.shape)));
        }
        (Some(_), Some(expected)) if expected != end - start => {
            let kind = quoted(&entry.dtype);
            let given = end - start;
            return Err(wrong(format!(
                "{given} bytes do not hold the shape {:?} of type {kind}, which takes {expected}",
                entry.shape
            )));
        }
        _ => {}
    }
    let storage = Storage::Plain { offset: data + start };
    Ok(StoredTensor { info: TensorInfo { name, dtype, shape: entry.shape }, storage })
}

/// Fails unless the bytes of the tensors follow each other from the first to the last byte of the data.
fn check_ranges(
    file: &SourceFile,
    ranges: &[(u64, u64, usize)],
    tensors: &[StoredTensor],
    all: u64,
) -> Result<(), CheckpointError> {
    let mut reached = 0;
    for &(start, end, at) in ranges {
        let name = || quoted(&tensors[at].info.name);
        if start < reached {
            return Err(file.error(format!(
                "tensor {}: its bytes {start}..{end} overlap those of another one: the file is damaged, save it again",
                name()
            )));
        }
        if start > reached {
            return Err(file.error(format!(
                "bytes {reached}..{start} before tensor {} belong to none: the file is damaged, save it again",
                name()
            )));
        }
        reached = end;
    }
    if reached != all {
        return Err(file.error(format!(
            "its tensors end after {reached} bytes of data, the file after {all}: it is damaged, save or download it again"
        )));
    }
    Ok(())
}
