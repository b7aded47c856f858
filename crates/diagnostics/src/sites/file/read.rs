//! Reading a recording: the manifest first, then one tensor at a time.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::{Dtype, tensor::Metadata};

use super::assemble::{Assembly, RawTensor, TensorSource};
use super::manifest::{FORMAT, Manifest, VERSION};
use crate::sites::{ParameterStatistics, Recording, RecordingError, SiteStatistics};

/// A file that is no recording, is damaged or newer than this program: one line that says what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError(pub(super) String);

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

impl From<RecordingError> for FileError {
    fn from(error: RecordingError) -> Self {
        Self(error.0)
    }
}

impl Recording {
    /// Reads a recording, measuring the values that it holds. One tensor is in memory at a time.
    ///
    /// # Errors
    /// If the file cannot be read, is no recording, is damaged, or has a newer version of the format.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        Reader::open(path)
            .and_then(|mut reader| reader.recording())
            .map_err(|FileError(text)| FileError(format!("{}: {text}", path.display())))
    }
}

/// The longest header that a file may have: safetensors' own limit.
const LONGEST_HEADER: u64 = 100_000_000;

/// An open file and its table of tensors.
struct Reader {
    file: File,
    /// Where the data begin.
    data: u64,
    table: Metadata,
}

fn error<V>(text: impl Into<String>) -> Result<V, FileError> {
    Err(FileError(text.into()))
}

impl Reader {
    fn open(path: &Path) -> Result<Self, FileError> {
        let not_safetensors = |why: String| FileError(format!("not a safetensors file: {why}"));
        let mut file =
            File::open(path).map_err(|why| FileError(format!("cannot open it: {why}; name a recording")))?;
        let size = file.metadata().map_err(|why| FileError(why.to_string()))?.len();
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(|_| not_safetensors(format!("it has {size} bytes")))?;
        let header = u64::from_le_bytes(length);
        if header > LONGEST_HEADER || header + 8 > size {
            return Err(not_safetensors(format!("its header of {header} bytes does not fit into {size}")));
        }
        let mut bytes = vec![0; header as usize];
        file.read_exact(&mut bytes).map_err(|why| FileError(why.to_string()))?;
        let table: Metadata =
            serde_json::from_slice(&bytes).map_err(|why| not_safetensors(why.to_string()))?;
        let reader = Self { file, data: 8 + header, table };
        reader.check_format()?;
        let wanted = reader.table.data_len() as u64 + reader.data;
        if wanted != size {
            return error(format!(
                "damaged: its tensors end at byte {wanted}, the file at {size}; record it again"
            ));
        }
        Ok(reader)
    }

    fn check_format(&self) -> Result<(), FileError> {
        let metadata = self.table.metadata().as_ref();
        let field = |name| metadata.and_then(|fields| fields.get(name)).map(String::as_str);
        if field("format") != Some(FORMAT) {
            return error(format!("not a recording: its metadata has no format `{FORMAT}`"));
        }
        match field("version").map(str::parse::<u64>) {
            Some(Ok(version)) if version > VERSION => error(format!(
                "a recording of version {version}, newer than {VERSION}, which this program reads: update step-zero"
            )),
            Some(Ok(_)) => Ok(()),
            _ => error("a recording without a version: record it again"),
        }
    }

    fn recording(&mut self) -> Result<Recording, FileError> {
        let Some((_, _, text)) = self.bytes("manifest")? else {
            return error("a recording without a manifest: record it again");
        };
        let manifest = Manifest::parse(&text)?;
        let sites = self.rows("statistics/sites", manifest.sites.len(), &manifest.site_fields)?;
        let parameters =
            self.rows("statistics/parameters", manifest.parameters.len(), &manifest.parameter_fields)?;
        let sites = sites.iter().map(|row| named_site(&manifest.site_fields, row)).collect();
        let parameters =
            parameters.iter().map(|row| named_parameter(&manifest.parameter_fields, row)).collect();
        Assembly { tensors: self, sites, parameters }.recording(manifest)
    }

    /// A matrix of statistics, row by row; nothing if the file has none.
    fn rows(&mut self, name: &str, rows: usize, fields: &[String]) -> Result<Vec<Vec<f64>>, FileError> {
        let Some((dtype, shape, bytes)) = self.bytes(name)? else { return Ok(vec![]) };
        let fields = fields.len();
        if dtype != Dtype::F64 || shape != [rows, fields] {
            return error(format!(
                "{name}: {dtype:?} {shape:?} where the manifest has F64 [{rows}, {fields}]"
            ));
        }
        let values: Vec<f64> =
            bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect();
        Ok(values.chunks(fields.max(1)).map(<[f64]>::to_vec).collect())
    }
}

impl TensorSource for Reader {
    fn bytes(&mut self, name: &str) -> Result<Option<RawTensor>, FileError> {
        let Some(info) = self.table.info(name) else { return Ok(None) };
        let (dtype, shape, (start, end)) = (info.dtype, info.shape.clone(), info.data_offsets);
        let mut bytes = vec![0; end - start];
        let read = self.file.seek(SeekFrom::Start(self.data + start as u64));
        let read = read.and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|why| FileError(format!("tensor {name}: {why}")))?;
        Ok(Some((dtype, shape, bytes)))
    }
}

fn named_site(fields: &[String], row: &[f64]) -> SiteStatistics {
    SiteStatistics::from_row(fields.iter().map(String::as_str), row)
}

fn named_parameter(fields: &[String], row: &[f64]) -> ParameterStatistics {
    ParameterStatistics::from_row(fields.iter().map(String::as_str), row)
}
