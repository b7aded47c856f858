//! Deflated bytes as a stream.

use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::error::CheckpointError;
use super::source_file::{FileSection, SourceFile};

/// A deflated member of an archive, unpacked from front to back in little memory.
#[derive(Debug)]
pub(super) struct Inflater<'a> {
    file: &'a SourceFile,
    stream: DeflateDecoder<FileSection<'a>>,
    sum: Crc,
    /// The checksum of all decompressed bytes.
    crc: u32,
}

impl<'a> Inflater<'a> {
    pub(super) fn new(file: &'a SourceFile, offset: u64, compressed: u64, crc: u32) -> Self {
        let stream = DeflateDecoder::new(FileSection::new(file, offset, compressed));
        Self { file, stream, sum: Crc::new(), crc }
    }

    fn damaged(&mut self) -> CheckpointError {
        let failure = self.stream.get_mut().failure.take();
        failure
            .unwrap_or_else(|| self.file.error("its compressed data are damaged; save or download it again"))
    }

    /// Fills `bytes` with what comes next.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) -> Result<(), CheckpointError> {
        if self.stream.read_exact(bytes).is_err() {
            return Err(self.damaged());
        }
        self.sum.update(bytes);
        Ok(())
    }

    /// Unpacks bytes that are not needed.
    pub(super) fn skip(&mut self, mut length: u64) -> Result<(), CheckpointError> {
        let mut buffer = [0; 4096];
        while length > 0 {
            let part = length.min(buffer.len() as u64);
            self.fill(&mut buffer[..part as usize])?;
            length -= part;
        }
        Ok(())
    }

    /// Fails unless everything is read and has its checksum.
    pub(super) fn finish(mut self) -> Result<(), CheckpointError> {
        match self.stream.read(&mut [0]) {
            Ok(0) if self.sum.sum() == self.crc => Ok(()),
            _ => Err(self.damaged()),
        }
    }
}
