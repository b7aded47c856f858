//! Files made by hand, so that they can be wrong.

use std::path::PathBuf;

use tempfile::TempDir;

/// A directory that goes away, and what is written into it.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

/// A safetensors file with this header, whatever it says.
pub(super) fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// An entry of a header.
pub(super) fn entry(name: &str, dtype: &str, shape: &[usize], offsets: [usize; 2]) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":{offsets:?}}}"#)
}

/// A safetensors file of `f32` tensors.
pub(super) fn of_tensors(tensors: &[(&str, &[usize], Vec<f32>)]) -> Vec<u8> {
    let (mut entries, mut data) = (vec![], vec![]);
    for (name, shape, values) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
        entries.push(entry(name, "F32", shape, [start, data.len()]));
    }
    safetensors(&format!("{{{}}}", entries.join(",")), &data)
}

/// A NumPy array with this header.
pub(super) fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), data].concat()
}

/// A member of an archive, as its directory describes it.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) crc: u32,
    pub(super) size: u32,
    /// The offset that the directory names, in place of the true one.
    pub(super) offset: Option<u32>,
}

impl Member {
    pub(super) fn stored(name: &str, bytes: Vec<u8>) -> Self {
        let (size, crc) = (bytes.len() as u32, crc(&bytes));
        Self { name: name.into(), bytes, method: 0, flags: 0, crc, size, offset: None }
    }

    pub(super) fn deflated(name: &str, bytes: &[u8]) -> Self {
        use std::io::Write;
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        let compressed = encoder.finish().unwrap();
        Self { method: 8, crc: crc(bytes), size: bytes.len() as u32, ..Self::stored(name, compressed) }
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// An archive of these members.
pub(super) fn zip(members: &[Member]) -> Vec<u8> {
    let (mut archive, mut directory) = (vec![], vec![]);
    for member in members {
        let offset = member.offset.unwrap_or(archive.len() as u32);
        let (name, length) = (member.name.as_bytes(), member.bytes.len() as u32);
        let common = [
            &20_u16.to_le_bytes()[..],
            &member.flags.to_le_bytes(),
            &member.method.to_le_bytes(),
            &[0; 4],
            &member.crc.to_le_bytes(),
            &length.to_le_bytes(),
            &member.size.to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
            &[0; 2],
        ]
        .concat();
        archive.extend([b"PK\x03\x04", &common[..], name, &member.bytes].concat());
        directory
            .extend([b"PK\x01\x02\x14\x00", &common[..], &[0; 10], &offset.to_le_bytes(), name].concat());
    }
    let (start, count) = (archive.len() as u32, (members.len() as u16).to_le_bytes());
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}
