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

/// Every artifact: the lecture's in its order, then those that go beyond it.
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

/// Artifacts that take minutes: they run with `--long` or by name.
pub const LONG: &[Artifact<Lecture>] = &[logs::PUBLISHED];
