//! The lecture's artifacts: one file a table or figure, or a few that differ in the runs alone.

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

/// Every artifact, in the lecture's order; what goes beyond it, last.
pub const ALL: &[Artifact<Lecture>] = &[
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

/// What takes minutes: run by `--long` alone.
pub const LONG: &[Artifact<Lecture>] = &[logs::PUBLISHED];
