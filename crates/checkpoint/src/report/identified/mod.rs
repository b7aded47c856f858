//! What files of weights were drawn from, in one call, and its result in every form.

mod json;
mod rows;
mod rules;
mod text;

use std::ops::RangeInclusive;

use super::{CheckError, PROJECTIONS};
use crate::{
    Checkpoint, CheckpointError, GroupKind, Identification, SeedMatch, TensorInfo, TensorOrigin,
    TensorSummary,
};

/// Files of weights beside what their tensors were drawn from.
///
/// ```no_run
/// use checkpoint::{Checkpoint, IdentifyReport};
///
/// let report = IdentifyReport::of(&Checkpoint::open(&["model.safetensors"])?, |_, _| ())?;
/// print!("{}", report.text(diagnostics::Style::Plain));
/// std::fs::write("rules.toml", report.rules()?.to_string()).unwrap();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct IdentifyReport {
    /// The files.
    pub files: Vec<String>,
    /// The tensors, in the order of the files.
    pub tensors: Vec<TensorInfo>,
    /// The statistics of each tensor; `None` for types that are not judged.
    pub summaries: Vec<Option<TensorSummary>>,
    /// The origins that were found.
    pub found: Identification,
    /// The search for PyTorch's seed, if there was one.
    pub seeds: Option<SeedSearch>,
}

/// A search for PyTorch's seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedSearch {
    /// The seeds that were asked for.
    pub seeds: RangeInclusive<u32>,
    /// The number of tensors that were tried as the first of their model.
    pub tried: usize,
    /// The seeds that draw tensors of the file.
    pub found: Vec<SeedMatch>,
}

impl IdentifyReport {
    /// Identifies the tensors of an opened checkpoint. `progress` gets the number of bytes measured so far, and that of all.
    ///
    /// # Errors
    /// If a file cannot be read or is damaged.
    pub fn of(checkpoint: &Checkpoint, progress: impl FnMut(u64, u64) + Send) -> Result<Self, CheckError> {
        let mut summaries = checkpoint.measure_with(&crate::MeasureOptions::default(), progress)?;
        let tensors = checkpoint.tensors().to_vec();
        project_orthogonal(checkpoint, &mut summaries)?;
        let found = Identification::of(&tensors, &summaries);
        let files = checkpoint.files().map(|path| path.display().to_string()).collect();
        Ok(Self { files, tensors, summaries, found, seeds: None })
    }

    /// Searches PyTorch's seed in a range, both ends included. `progress` gets the number of seeds tried so far, and that of all.
    ///
    /// The search ends at the first part of the range in which a seed draws a tensor of the file.
    ///
    /// # Errors
    /// If a file cannot be read or is damaged.
    pub fn search_seeds(
        &mut self,
        checkpoint: &Checkpoint,
        seeds: RangeInclusive<u32>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), CheckError> {
        let tried = self.found.drawn_in_one_call(&self.tensors);
        let mut search = SeedSearch { seeds: seeds.clone(), tried, found: vec![] };
        let (first, last) = (u64::from(*seeds.start()), u64::from(*seeds.end()));
        let piece = (PIECE / tried.max(1) as u64).max(1 << 12);
        let mut failure = None;
        let mut values = |tensor: usize, count: usize| {
            first_values(checkpoint, tensor, count).unwrap_or_else(|error| {
                failure.get_or_insert(error);
                vec![]
            })
        };
        let mut from = first;
        while from <= last && tried > 0 && search.found.is_empty() {
            let to = last.min(from + piece - 1);
            // Both are at most the end of the range.
            let part = from as u32..=to as u32;
            search.found = self.found.find_seeds(&self.tensors, part, tried, &mut values);
            from = to + 1;
            progress(from - first, last + 1 - first);
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
        self.seeds = Some(search);
        Ok(())
    }

    /// The places of tensors that differ from most others of their pattern.
    pub fn odd(&self) -> Vec<usize> {
        let is_odd = |at: &usize| {
            let group = &self.found.groups[self.found.tensors[*at].group];
            group.is_odd && group.kind != GroupKind::NotJudged
        };
        (0..self.tensors.len()).filter(is_odd).collect()
    }
}

/// So many seeds of one tensor are tried between two calls of `progress`.
const PIECE: u64 = 1 << 24;

/// Multiplies matrices whose rows or columns are equally long with random vectors, which tells whether they are orthogonal.
fn project_orthogonal(
    checkpoint: &Checkpoint,
    summaries: &mut [Option<TensorSummary>],
) -> Result<(), CheckpointError> {
    for (at, info) in checkpoint.tensors().iter().enumerate() {
        let origin = summaries[at].as_ref().map(TensorOrigin::of);
        if let Some(TensorOrigin::Orthogonal { is_certain: false, .. }) = origin {
            let bytes = checkpoint.bytes(at, 0..info.len())?;
            let projected = TensorSummary::with_projections(&info.shape, &info.dtype, &bytes, PROJECTIONS);
            summaries[at] = Some(projected);
        }
    }
    Ok(())
}

/// The first values of a tensor in single precision, as many as it has at most.
fn first_values(checkpoint: &Checkpoint, tensor: usize, count: usize) -> Result<Vec<f32>, CheckpointError> {
    let len = checkpoint.tensors()[tensor].len();
    let bytes = checkpoint.bytes(tensor, 0..count.min(len))?;
    Ok(bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

#[cfg(test)]
mod tests;
