//! Artifacts that take a minute, such as error rates over a thousand seeds. They run only by name.

pub mod faults;
mod verdicts;

use crate::artifact::Artifact;

/// Every study.
pub const ALL: &[Artifact] = &[verdicts::ARTIFACT];
