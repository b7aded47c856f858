//! The lecture's artifacts: one file per table or figure, or per group that differs only in its runs.

mod data;
mod deep;
mod logs;
mod norms;
mod shallow;
mod stability;
mod start;
mod studies;
mod updates;

use super::lecture::Lecture;
use crate::artifact::Artifact;
use crate::catalogue::Catalogue;

/// The lecture's artifacts; those that take minutes on request.
pub const CATALOGUE: Catalogue<Lecture> = Catalogue {
    artifacts: ALL,
    on_request: LONG,
    request: "minutes; by --long or by name only",
    folder: "makemore",
    page: "The lecture, reproduced",
};

/// The lecture's artifacts in its order, then those that go beyond it.
const ALL: &[Artifact<Lecture>] = &[
    data::ARTIFACT,
    start::ARTIFACT,
    shallow::HISTOGRAMS,
    shallow::MAP,
    logs::ARTIFACT,
    deep::GAINS,
    deep::GAIN_GRADIENTS,
    deep::ACTIVATIONS,
    deep::GRADIENTS,
    deep::WEIGHTS,
    updates::ARTIFACT,
    norms::MODES,
    norms::SAMPLES,
    studies::ARTIFACT,
    logs::STEPS_PUBLISHED,
    stability::ARTIFACT,
];

/// Artifacts that take minutes.
const LONG: &[Artifact<Lecture>] = &[logs::PUBLISHED];
