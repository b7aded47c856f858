//! What takes seconds: rates over a thousand seeds. Run by name alone.

pub mod faults;
mod verdicts;

use crate::artifact::Artifact;

/// Every study.
pub const ALL: &[Artifact] = &[verdicts::ARTIFACT];
