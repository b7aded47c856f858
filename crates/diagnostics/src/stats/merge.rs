//! The reasons for which two measurements cannot be merged.

use std::fmt;

/// The reason for which two measurements cannot be merged.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MergeError {
    /// Two histograms have different bins: first edge, last edge, number of bins.
    Edges {
        /// The bins of the histogram to be extended.
        ours: (f64, f64, usize),
        /// The bins of the histogram to be added.
        theirs: (f64, f64, usize),
    },
    /// Two reports are of different networks: their layers and parameters with the number of units and values.
    Network {
        /// The network of the report to be extended.
        ours: Vec<String>,
        /// The network of the report to be added.
        theirs: Vec<String>,
    },
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edges { ours: (a, b, n), theirs: (c, d, m) } => write!(
                f,
                "merge: {n} bins of {a}..{b} and {m} bins of {c}..{d} have different edges; measure both with \
                 Binning::PowerOfTwo, which always merges, or with the same Binning::Fixed or Binning::SymLog"
            ),
            Self::Network { ours, theirs } => write!(
                f,
                "merge: the reports are of different networks; one has {}, the other {}",
                ours.join(", "),
                theirs.join(", ")
            ),
        }
    }
}

impl std::error::Error for MergeError {}
