//! The lesson's artifacts: one file a table or figure, or a few that differ in the start alone.

mod activations;
mod audit;
mod data;
mod defaults;
mod gains;
mod gradients;
mod histograms;
mod schemes;

use crate::artifact::Artifact;

/// Every artifact, in the lesson's order; what goes beyond it, last.
pub const ALL: &[Artifact] = &[
    data::DATASET,
    data::VOCABULARY,
    activations::RANDOM,
    histograms::RANDOM,
    histograms::KAIMING,
    activations::KAIMING,
    gradients::ARTIFACT,
    schemes::ARTIFACT,
    audit::ARTIFACT,
    gains::ARTIFACT,
    defaults::ARTIFACT,
];
