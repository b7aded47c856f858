//! The lesson's artifacts: one file per table or figure, or per pair that differs only in the initialisation.

mod activations;
mod audit;
mod data;
mod defaults;
mod gains;
mod gradients;
mod histograms;
mod schemes;
mod slopes;

use crate::artifact::Artifact;
use crate::beyond;
use crate::catalogue::Catalogue;
use crate::derivation;
use crate::lesson::Lesson;
use crate::studies;

/// The colours of both initialisations in the palette of `plot`: one has one colour in every figure.
const RANDOM_COLOUR: usize = 0;
const KAIMING_COLOUR: usize = 1;

/// The lesson's artifacts, and the studies on request.
pub const CATALOGUE: Catalogue<Lesson> = Catalogue {
    artifacts: ALL,
    on_request: studies::ALL,
    request: "a minute or more; by name only",
    folder: "",
    page: "The lesson, reproduced",
};

/// The lesson's artifacts in its order, those that go beyond it, and the measurements of the derivation.
const ALL: &[Artifact] = &[
    data::DATASET,
    data::VOCABULARY,
    activations::RANDOM,
    histograms::RANDOM,
    histograms::KAIMING,
    activations::KAIMING,
    gradients::ARTIFACT,
    slopes::ARTIFACT,
    schemes::ARTIFACT,
    audit::ARTIFACT,
    gains::ARTIFACT,
    defaults::ARTIFACT,
    derivation::SUMS,
    derivation::VARIANCE,
    derivation::GRADIENTS,
    derivation::CORRELATION,
    derivation::DISTANCES,
    derivation::WIDTHS,
    beyond::RESIDUAL,
    beyond::NORMS,
    beyond::CONVOLUTIONS,
    beyond::ATTENTION,
    beyond::EMBEDDINGS,
    beyond::WIDTHS,
];
