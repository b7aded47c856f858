//! Writing a recording in its condensed form: statistics in place of values.

use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};

use super::assemble::ROLES;
use super::manifest::{
    FORMAT, Manifest, ManifestInput, ManifestLoss, ManifestParameter, ManifestSite, VERSION,
};
use crate::sites::{ParameterStatistics, RecordedParameter, Recording, Site, SiteStatistics};

impl Recording {
    /// The bytes of a file that holds the statistics of this recording, a few hundred bytes per site.
    ///
    /// ```
    /// # use diagnostics::Recording;
    /// let recording = Recording::of(vec![], vec![]).unwrap();
    /// assert!(recording.condensed().len() < 4000); // the names of the statistics
    /// ```
    ///
    /// # Panics
    /// Never: a manifest is text, and each tensor has the bytes of its shape.
    pub fn condensed(&self) -> Vec<u8> {
        let bytes =
            |rows: Vec<Vec<f64>>| rows.into_iter().flatten().flat_map(f64::to_le_bytes).collect::<Vec<u8>>();
        let sites = bytes(self.sites.iter().map(|site| site.statistics.row()).collect());
        let parameters = bytes(self.parameters.iter().map(|parameter| parameter.statistics.row()).collect());
        let manifest =
            serde_json::to_vec(&self.manifest()).expect("a manifest has no map with other keys than text");
        let view = |dtype, shape, data| TensorView::new(dtype, shape, data).expect("bytes of the shape");
        let tensors = [
            ("manifest", view(Dtype::U8, vec![manifest.len()], &manifest)),
            (
                "statistics/sites",
                view(Dtype::F64, vec![self.sites.len(), SiteStatistics::FIELDS.len()], &sites),
            ),
            (
                "statistics/parameters",
                view(Dtype::F64, vec![self.parameters.len(), ParameterStatistics::FIELDS.len()], &parameters),
            ),
        ];
        let metadata = [("format", FORMAT.to_owned()), ("version", VERSION.to_string())];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value)).into();
        let mut bytes = serialize(tensors, Some(metadata)).expect("three tensors of their own sizes");
        order_metadata(&mut bytes);
        bytes
    }

    fn manifest(&self) -> Manifest {
        let name = |at: usize| self.sites[at].name.clone();
        Manifest {
            version: VERSION,
            model: self.model.clone(),
            framework: self.framework.clone(),
            mode: self.mode.name().to_owned(),
            seed: self.seed,
            batch: None,
            loss: self.loss.as_ref().map(|loss| ManifestLoss {
                value: loss.value.is_finite().then_some(loss.value),
                kind: loss.kind.clone(),
                reduction: loss.reduction.clone(),
                classes: loss.classes,
                logits: loss.logits.map(name),
            }),
            learning_rate: self.learning_rate,
            curvature: self.curvature,
            out_of_sight: self.out_of_sight.clone(),
            sites: self.sites.iter().map(|site| self.site_entry(site)).collect(),
            parameters: self.parameters.iter().map(parameter_entry).collect(),
            site_fields: SiteStatistics::FIELDS.iter().map(|&field| field.to_owned()).collect(),
            parameter_fields: ParameterStatistics::FIELDS.iter().map(|&field| field.to_owned()).collect(),
        }
    }

    fn site_entry(&self, site: &Site) -> ManifestSite {
        let parameter = |at: Option<usize>| at.map(|at| self.parameters[at].name.clone());
        ManifestSite {
            id: site.name.clone(),
            kind: site.kind.name().to_owned(),
            function: site.function.map(|function| function.to_string()),
            norm: site.norm.map(|norm| norm.name().to_owned()),
            inputs: site
                .inputs
                .iter()
                .map(|input| ManifestInput {
                    site: self.sites[input.site].name.clone(),
                    role: input.role.map(|role| role.name().to_owned()),
                })
                .collect(),
            axes: vec![],
            shape: vec![],
            dtype: site.dtype.clone(),
            weight: parameter(site.weight),
            bias: parameter(site.bias),
        }
    }
}

/// Puts the format before the version: safetensors writes them in the random order of a hash map, and equal recordings should be
/// equal files.
fn order_metadata(bytes: &mut [u8]) {
    let (format, version) = (format!("\"format\":\"{FORMAT}\""), format!("\"version\":\"{VERSION}\""));
    let (found, wanted) = (format!("{version},{format}"), format!("{format},{version}"));
    // The metadata are the first entry of the header.
    let end = bytes.len().min(200);
    if let Some(at) = bytes[..end].windows(found.len()).position(|window| window == found.as_bytes()) {
        bytes[at..at + wanted.len()].copy_from_slice(wanted.as_bytes());
    }
}

fn parameter_entry(parameter: &RecordedParameter) -> ManifestParameter {
    let axis = |at: usize| match at {
        at if at == parameter.output_axis => "out",
        at if at == parameter.input_axis => "in",
        _ => "kernel",
    };
    let role = ROLES.iter().find(|(_, role)| *role == parameter.role);
    ManifestParameter {
        name: parameter.name.clone(),
        role: role.map_or("other", |(name, _)| name).to_owned(),
        shape: parameter.shape.clone(),
        dtype: parameter.dtype.clone(),
        axes: (0..parameter.shape.len()).map(|at| axis(at).to_owned()).collect(),
        groups: parameter.groups,
        stride: vec![parameter.stride],
        blocks: parameter.blocks,
        trainable: parameter.trainable,
        hash: parameter.hash.map(|hash| format!("{hash:016x}")),
    }
}
