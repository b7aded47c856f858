//! Artifacts that take a minute or more, such as error rates over a thousand seeds. They run only by name.

pub mod faults;
mod growth;
pub mod sweeps;
mod verdicts;

pub use verdicts::names;

use crate::artifact::Artifact;

/// Every study.
pub(crate) const ALL: &[Artifact] = &[verdicts::ARTIFACT, growth::DISTANCE, growth::FORETOLD, growth::RUNS];
