//! The lesson's artifacts: one file per table or figure, or per pair that differs only in the initialisation.

mod activations;
mod audit;
mod data;
mod defaults;
mod gains;
mod gradients;
mod histograms;
mod schemes;

use crate::artifact::Artifact;

/// Every artifact: the lesson's in its order, then those that go beyond it.
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
