//! Two histograms as one.

use std::fmt;

use crate::doubling::Grid;
use crate::{Binning, Histogram};

impl Histogram {
    /// Adds what another histogram counted. [`Binning::Doubling`] merges any two, in as many bins as the smaller of
    /// both limits; others need the same edges.
    ///
    /// # Errors
    /// If the edges differ; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        if let (&Binning::Doubling(a), &Binning::Doubling(b)) = (&self.binning, &other.binning) {
            let grids = [&*self, other].map(|h| Grid::with_edges(&h.edges, &h.counts));
            let [grid, more] = grids;
            let merged = grid.merge(more, a.min(b));
            self.binning = Binning::Doubling(a.min(b));
            self.edges = merged.edges();
            self.counts = merged.counts;
        } else if self.edges == other.edges {
            self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        } else {
            return Err(MergeError { ours: self.range(), theirs: other.range() });
        }
        self.outside += other.outside;
        self.non_finite += other.non_finite;
        Ok(())
    }

    fn range(&self) -> (f64, f64, usize) {
        (self.edges[0], self.edges[self.counts.len()], self.counts.len())
    }
}

/// Why two histograms are not one: the bins are not the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MergeError {
    ours: (f64, f64, usize),
    theirs: (f64, f64, usize),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((a, b, n), (c, d, m)) = (self.ours, self.theirs);
        write!(
            f,
            "{n} bins of {a}..{b} and {m} bins of {c}..{d} have different edges: count both with the same \
             Binning::Fixed or Binning::SymLog, or with Binning::Doubling, which merges any two"
        )
    }
}

impl std::error::Error for MergeError {}
