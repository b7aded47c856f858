//! Reading a recording: the manifest first, then one tensor at a time.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::{Dtype, tensor::Metadata};

use super::manifest::{FORMAT, Manifest, ManifestParameter, ManifestSite, VERSION};
use crate::report::Role;
use crate::sites::{
    AxisName, InputRole, NormKind, ParameterStatistics, ParameterView, PassMode, RecordedLoss,
    RecordedParameter, Recording, RecordingError, Site, SiteAxes, SiteInput, SiteKind, SiteStatistics,
    SiteValues, SiteView,
};

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

/// A tensor as a file holds it: its type, its shape and its bytes.
type RawTensor = (Dtype, Vec<usize>, Vec<u8>);

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

    fn bytes(&mut self, name: &str) -> Result<Option<RawTensor>, FileError> {
        let Some(info) = self.table.info(name) else { return Ok(None) };
        let (dtype, shape, (start, end)) = (info.dtype, info.shape.clone(), info.data_offsets);
        let mut bytes = vec![0; end - start];
        let read = self.file.seek(SeekFrom::Start(self.data + start as u64));
        let read = read.and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|why| FileError(format!("tensor {name}: {why}")))?;
        Ok(Some((dtype, shape, bytes)))
    }

    fn recording(&mut self) -> Result<Recording, FileError> {
        let Some((_, _, text)) = self.bytes("manifest")? else {
            return error("a recording without a manifest: record it again");
        };
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|why| FileError(format!("manifest: {why}")))?;
        let rows = self.rows("statistics/sites", manifest.sites.len(), manifest.site_fields.len())?;
        let of_parameters =
            self.rows("statistics/parameters", manifest.parameters.len(), manifest.parameter_fields.len())?;
        let mut parameters = Vec::new();
        for (at, entry) in manifest.parameters.iter().enumerate() {
            let row = of_parameters.get(at).map(|row| named_parameter(&manifest.parameter_fields, row));
            parameters.push(
                self.parameter(entry, row)
                    .map_err(|FileError(why)| FileError(format!("parameter {}: {why}", entry.name)))?,
            );
        }
        let mut recording = Recording::of(vec![], parameters)?;
        for (at, entry) in manifest.sites.iter().enumerate() {
            let row = rows.get(at).map(|row| named_site(&manifest.site_fields, row));
            let site = self.site(entry, row, &recording);
            let site = site.map_err(|FileError(why)| FileError(format!("site {}: {why}", entry.id)))?;
            recording.sites.push(site);
        }
        recording.model = manifest.model;
        recording.framework = manifest.framework;
        recording.mode = parse::<PassMode>(&manifest.mode)?;
        recording.seed = manifest.seed;
        recording.learning_rate = manifest.learning_rate;
        recording.curvature = manifest.curvature;
        recording.out_of_sight = manifest.out_of_sight;
        recording.loss = manifest
            .loss
            .map(|loss| -> Result<_, FileError> {
                let logits = loss.logits.as_deref().map(|name| match recording.site(name) {
                    Some(site) => Ok(site),
                    None => error(format!("loss: there is no site {name}")),
                });
                Ok(RecordedLoss {
                    value: loss.value.unwrap_or(f64::NAN),
                    kind: loss.kind,
                    reduction: loss.reduction,
                    classes: loss.classes,
                    logits: logits.transpose()?,
                })
            })
            .transpose()?;
        recording.check()?;
        Ok(recording)
    }

    /// A matrix of statistics, row by row; nothing if the file has none.
    fn rows(&mut self, name: &str, rows: usize, fields: usize) -> Result<Vec<Vec<f64>>, FileError> {
        let Some((dtype, shape, bytes)) = self.bytes(name)? else { return Ok(vec![]) };
        if dtype != Dtype::F64 || shape != [rows, fields] {
            return error(format!(
                "{name}: {dtype:?} {shape:?} where the manifest has F64 [{rows}, {fields}]"
            ));
        }
        let values: Vec<f64> =
            bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect();
        Ok(values.chunks(fields.max(1)).map(<[f64]>::to_vec).collect())
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Option<OwnedValues>, FileError> {
        let Some((dtype, found, bytes)) = self.bytes(name)? else { return Ok(None) };
        if found != shape {
            return error(format!("tensor {name} has the shape {found:?}, the manifest {shape:?}"));
        }
        OwnedValues::of(dtype, &bytes).map(Some).ok_or_else(|| {
            FileError(format!("tensor {name} holds {dtype:?}: it must be F16, BF16, F32 or F64"))
        })
    }

    fn site(
        &mut self,
        entry: &ManifestSite,
        row: Option<SiteStatistics>,
        earlier: &Recording,
    ) -> Result<Site, FileError> {
        let kind = parse::<SiteKind>(&entry.kind)?;
        // A function that this version does not know is an unknown function.
        let function = entry.function.as_deref().and_then(|text| text.parse().ok());
        let mut site = Site {
            name: entry.id.clone(),
            kind,
            function,
            norm: entry.norm.as_deref().map(parse::<NormKind>).transpose()?,
            inputs: vec![],
            weight: None,
            bias: None,
            dtype: entry.dtype.clone(),
            statistics: row.unwrap_or(SiteStatistics::UNKNOWN),
        };
        if let Some(values) = self.tensor(&format!("values/{}", entry.id), &entry.shape)? {
            let names: Vec<_> =
                entry.axes.iter().map(|name| parse::<AxisName>(name)).collect::<Result<_, _>>()?;
            let axes = SiteAxes::of(&entry.shape, &names).map_err(FileError)?;
            let gradient = self.tensor(&format!("gradient/{}", entry.id), &entry.shape)?;
            let mut view = SiteView::new(&entry.id, kind, values.borrowed(), axes);
            view.function = function;
            view.gradient = gradient.as_ref().map(OwnedValues::borrowed);
            let measured = view.measure();
            (site.statistics, site.dtype) = (measured.statistics, measured.dtype);
        }
        for input in &entry.inputs {
            let Some(at) = earlier.site(&input.site) else {
                return error(format!("it reads {}, which is no earlier site", input.site));
            };
            site.inputs.push(SiteInput {
                site: at,
                role: input.role.as_deref().map(parse::<InputRole>).transpose()?,
            });
        }
        let parameter =
            |name: &Option<String>| match name.as_deref().map(|name| (name, earlier.parameter(name))) {
                Some((name, None)) => error(format!("there is no parameter {name}")),
                found => Ok(found.and_then(|(_, at)| at)),
            };
        (site.weight, site.bias) = (parameter(&entry.weight)?, parameter(&entry.bias)?);
        Ok(site)
    }

    fn parameter(
        &mut self,
        entry: &ManifestParameter,
        row: Option<ParameterStatistics>,
    ) -> Result<RecordedParameter, FileError> {
        let axis = |name: &str| entry.axes.iter().position(|axis| axis == name);
        let mut view = ParameterView::new(&entry.name, &[][..] as &[f32], &entry.shape);
        view.role = role(&entry.role)?;
        view.output_axis = axis("out").or(axis("row")).unwrap_or(0);
        view.input_axis = axis("in").or(axis("unit")).unwrap_or(1);
        (view.groups, view.blocks) = (entry.groups.max(1), entry.blocks.max(1));
        view.stride = entry.stride.iter().product();
        let values = self.tensor(&format!("parameter/{}", entry.name), &entry.shape)?;
        let gradient = self.tensor(&format!("parameter_gradient/{}", entry.name), &entry.shape)?;
        let mut parameter = match &values {
            Some(values) => {
                view.values = values.borrowed();
                view.gradient = gradient.as_ref().map(OwnedValues::borrowed);
                view.measure()
            }
            None => view.unmeasured(&entry.dtype, row.unwrap_or(ParameterStatistics::UNKNOWN)),
        };
        parameter.trainable = entry.trainable;
        if let (None, Some(hash)) = (&values, &entry.hash) {
            let bits = u64::from_str_radix(hash, 16);
            parameter.hash =
                Some(bits.map_err(|_| FileError(format!("`{hash}` is no hash of hexadecimal digits")))?);
        }
        Ok(parameter)
    }
}

fn named_site(fields: &[String], row: &[f64]) -> SiteStatistics {
    SiteStatistics::from_row(fields.iter().map(String::as_str), row)
}

fn named_parameter(fields: &[String], row: &[f64]) -> ParameterStatistics {
    ParameterStatistics::from_row(fields.iter().map(String::as_str), row)
}

fn parse<V: std::str::FromStr<Err = String>>(text: &str) -> Result<V, FileError> {
    text.parse().map_err(FileError)
}

/// The names of roles in files.
pub(super) const ROLES: [(&str, Role); 6] = [
    ("weight", Role::Weight),
    ("embedding", Role::Embedding),
    ("bias", Role::Bias),
    ("norm_scale", Role::NormScale),
    ("norm_shift", Role::NormShift),
    ("other", Role::Other),
];

fn role(text: &str) -> Result<Role, FileError> {
    let found = ROLES.iter().find(|(name, _)| *name == text);
    found.map(|&(_, role)| role).ok_or_else(|| {
        let names = ROLES.map(|(name, _)| name).join(", ");
        FileError(format!("unknown role `{text}`: it must be one of {names}"))
    })
}

/// The values of one tensor of a file.
enum OwnedValues {
    F16(Vec<u16>),
    Bf16(Vec<u16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl OwnedValues {
    fn of(dtype: Dtype, bytes: &[u8]) -> Option<Self> {
        let bits = || bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        Some(match dtype {
            Dtype::F16 => Self::F16(bits()),
            Dtype::BF16 => Self::Bf16(bits()),
            Dtype::F32 => Self::F32(
                bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            ),
            Dtype::F64 => Self::F64(
                bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect(),
            ),
            _ => return None,
        })
    }

    fn borrowed(&self) -> SiteValues<'_> {
        match self {
            Self::F16(bits) => SiteValues::F16(bits),
            Self::Bf16(bits) => SiteValues::Bf16(bits),
            Self::F32(values) => SiteValues::F32(values),
            Self::F64(values) => SiteValues::F64(values),
        }
    }
}
