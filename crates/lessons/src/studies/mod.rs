//! Artifacts that take a minute, such as error rates over a thousand seeds. They run only by name.

pub mod faults;
mod verdicts;

pub use verdicts::names;

use crate::artifact::Artifact;

/// Every study.
pub(crate) const ALL: &[Artifact] = &[verdicts::ARTIFACT];
