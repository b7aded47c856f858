//! A recording put together: from a manifest, and from values to measure or what was measured before.

use safetensors::Dtype;

use super::manifest::{Manifest, ManifestParameter, ManifestSite};
use super::read::FileError;
use crate::report::Role;
use crate::sites::{
    AxisName, InputRole, NormKind, OwnedValues, ParameterStatistics, ParameterView, PassMode, RecordedLoss,
    RecordedParameter, Recording, Site, SiteAxes, SiteInput, SiteKind, SiteStatistics, SiteView,
};

/// A tensor as a file holds it: its type, its shape and its bytes.
pub(super) type RawTensor = (Dtype, Vec<usize>, Vec<u8>);

/// Tensors by name.
pub(super) trait TensorSource {
    /// The tensor of this name, if there is one.
    fn bytes(&mut self, name: &str) -> Result<Option<RawTensor>, FileError>;
}

/// The source of a recording without values.
struct NoTensors;

impl TensorSource for NoTensors {
    fn bytes(&mut self, _: &str) -> Result<Option<RawTensor>, FileError> {
        Ok(None)
    }
}

impl Recording {
    /// A recording from its manifest and from statistics that were measured while the network ran, in the manifest's order.
    ///
    /// The manifest is that of the file, in JSON (`docs/recordings.md`); hashes of parameters stand in it.
    ///
    /// ```
    /// use diagnostics::Recording;
    ///
    /// let manifest = r#"{"version": 1, "model": "empty", "sites": [], "parameters": []}"#;
    /// assert_eq!(Recording::from_manifest(manifest, vec![], vec![])?.model, "empty");
    /// # Ok::<(), diagnostics::FileError>(())
    /// ```
    ///
    /// # Errors
    /// If the text is no manifest, names what is not there, or lists another number of sites or parameters.
    pub fn from_manifest(
        text: &str,
        sites: Vec<SiteStatistics>,
        parameters: Vec<ParameterStatistics>,
    ) -> Result<Self, FileError> {
        let manifest = Manifest::parse(text.as_bytes())?;
        for (what, listed, measured) in [
            ("sites", manifest.sites.len(), sites.len()),
            ("parameters", manifest.parameters.len(), parameters.len()),
        ] {
            if listed != measured {
                return error(format!("manifest: it lists {listed} {what}, and {measured} were measured"));
            }
        }
        Assembly { tensors: &mut NoTensors, sites, parameters }.recording(manifest)
    }
}

/// The parts of a recording: its tensors, and the statistics that are known without them.
pub(super) struct Assembly<'a> {
    pub(super) tensors: &'a mut dyn TensorSource,
    /// One for each site of the manifest, or none.
    pub(super) sites: Vec<SiteStatistics>,
    /// One for each parameter of the manifest, or none.
    pub(super) parameters: Vec<ParameterStatistics>,
}

fn error<V>(text: impl Into<String>) -> Result<V, FileError> {
    Err(FileError(text.into()))
}

impl Assembly<'_> {
    pub(super) fn recording(mut self, manifest: Manifest) -> Result<Recording, FileError> {
        let mut parameters = Vec::new();
        for (at, entry) in manifest.parameters.iter().enumerate() {
            let row = self.parameters.get(at).copied();
            parameters.push(
                self.parameter(entry, row)
                    .map_err(|FileError(why)| FileError(format!("parameter {}: {why}", entry.name)))?,
            );
        }
        let mut recording = Recording::of(vec![], parameters)?;
        for (at, entry) in manifest.sites.iter().enumerate() {
            let row = self.sites.get(at).copied();
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

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Option<OwnedValues>, FileError> {
        let Some((dtype, found, bytes)) = self.tensors.bytes(name)? else { return Ok(None) };
        if found != shape {
            return error(format!("tensor {name} has the shape {found:?}, the manifest {shape:?}"));
        }
        values_of(dtype, &bytes).map(Some).ok_or_else(|| {
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

/// The values of a tensor in little-endian bytes; `None` of a type that is not measured.
fn values_of(dtype: Dtype, bytes: &[u8]) -> Option<OwnedValues> {
    let bits = || bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    Some(match dtype {
        Dtype::F16 => OwnedValues::F16(bits()),
        Dtype::BF16 => OwnedValues::Bf16(bits()),
        Dtype::F32 => OwnedValues::F32(
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        ),
        Dtype::F64 => OwnedValues::F64(
            bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect(),
        ),
        _ => return None,
    })
}
