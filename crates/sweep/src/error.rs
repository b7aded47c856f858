//! The reason why a sweep or a merge ends.

use std::fmt;

use crate::CpuLevel;

/// The reason why a sweep or a merge ends, in one line: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepError(String);

impl SweepError {
    /// An error with this text, which should be one line.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// The refusal of a table of cells that were computed by different instruction sets.
    pub fn mixed_levels(one: CpuLevel, other: CpuLevel) -> Self {
        Self::new(format!(
            "cells were computed with {one} and with {other}, whose last digits differ; compute those of one kind again, or \
             merge with --allow-mixed-cpu, which adds the column `cpu`"
        ))
    }
}

impl fmt::Display for SweepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SweepError {}
