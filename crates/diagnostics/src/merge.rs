//! Two measurements as one.

use std::fmt;

use crate::doubling::Grid;
use crate::{Binning, Geometry, Histogram, LayerReport, Report, UnitMap, ValueStatistics, WeightReport};

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
            return Err(MergeError::Edges { ours: self.range(), theirs: other.range() });
        }
        self.outside += other.outside;
        self.non_finite += other.non_finite;
        Ok(())
    }

    fn range(&self) -> (f64, f64, usize) {
        (self.edges[0], self.edges[self.counts.len()], self.counts.len())
    }
}

impl ValueStatistics {
    /// Adds what another pass saw.
    ///
    /// # Errors
    /// If the histograms have different edges; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        self.histogram.merge(&other.histogram)?;
        self.summary.merge(&other.summary);
        self.quantiles.merge(&other.quantiles);
        Ok(())
    }
}

impl Report {
    /// Adds what the same network showed over another batch, under the same [`Settings`](crate::Settings).
    ///
    /// Parameters stay what they are, and the values of their gradients are taken together. Of the loss, of the logits'
    /// weight and of the examples' geometry, which are no sums over examples, the mean stays, weighted by values.
    ///
    /// # Errors
    /// If the layers or parameters are others, or histograms have different edges: those over automatic ranges do, so
    /// ask for [`Binning::Doubling`] or [`Binning::Fixed`]. Nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        let mut merged = self.clone();
        if names(self) != names(other) {
            return Err(MergeError::Network { ours: names(self), theirs: names(other) });
        }
        for (layer, more) in merged.layers.iter_mut().zip(&other.layers) {
            layer.add(more)?;
        }
        for (weight, more) in merged.weights.iter_mut().zip(&other.weights) {
            pair(&mut weight.gradient, more.gradient.as_ref(), ValueStatistics::merge)?;
        }
        if let (Some(loss), Some(more)) = (&mut merged.loss, &other.loss) {
            let (a, b) = (self.examples(), other.examples());
            loss.value = (a * loss.value + b * more.value) / (a + b);
            pair(&mut loss.logits, more.logits.as_ref(), ValueStatistics::merge)?;
        }
        merged.inputs.extend(&other.inputs);
        // A Jacobian is one input's: of several there is none.
        merged.jacobian = None;
        *self = merged;
        Ok(())
    }

    /// Proportional to the number of examples.
    fn examples(&self) -> f64 {
        self.layers.first().map_or(1.0, |layer| layer.units.entries as f64)
    }
}

fn names(report: &Report) -> Vec<String> {
    let layers =
        report.layers.iter().map(|LayerReport { name, units, .. }| format!("{name} ({})", units.units()));
    let weights = report
        .weights
        .iter()
        .map(|WeightReport { name, weight, .. }| format!("{name} ({})", weight.summary.count));
    layers.chain(weights).collect()
}

impl LayerReport {
    fn add(&mut self, more: &Self) -> Result<(), MergeError> {
        self.post.merge(&more.post)?;
        pair(&mut self.pre, more.pre.as_ref(), ValueStatistics::merge)?;
        pair(&mut self.gradient, more.gradient.as_ref(), ValueStatistics::merge)?;
        self.units.merge(&more.units);
        let append = |ours: &mut UnitMap, theirs: &UnitMap| {
            ours.cells.extend(&theirs.cells);
            Ok(())
        };
        pair(&mut self.map, more.map.as_ref(), append)?;
        pair(&mut self.zeros, more.zeros.as_ref(), append)?;
        let average = |ours: &mut Geometry, theirs: &Geometry| {
            ours.merge(theirs);
            Ok(())
        };
        pair(&mut self.geometry, more.geometry.as_ref(), average)?;
        pair(&mut self.pre_geometry, more.pre_geometry.as_ref(), average)
    }
}

/// Both as one, nothing where one is missing.
fn pair<V>(
    ours: &mut Option<V>,
    theirs: Option<&V>,
    merge: impl Fn(&mut V, &V) -> Result<(), MergeError>,
) -> Result<(), MergeError> {
    match (ours.as_mut(), theirs) {
        (Some(value), Some(more)) => merge(value, more),
        _ => {
            *ours = None;
            Ok(())
        }
    }
}

/// Why two measurements are not one.
#[derive(Clone, Debug, PartialEq)]
pub enum MergeError {
    /// Two histograms of different bins: first edge, last edge, bins.
    Edges {
        /// Of the one that should grow.
        ours: (f64, f64, usize),
        /// Of the one that should be added.
        theirs: (f64, f64, usize),
    },
    /// Reports of different networks: their layers and parameters with the number of units and values.
    Network {
        /// Of the one that should grow.
        ours: Vec<String>,
        /// Of the one that should be added.
        theirs: Vec<String>,
    },
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((a, b, n), (c, d, m)) = match self {
            Self::Edges { ours, theirs } => (ours, theirs),
            Self::Network { ours, theirs } => {
                let (ours, theirs) = (ours.join(", "), theirs.join(", "));
                return write!(f, "a report of {ours} and one of {theirs} are not of the same network");
            }
        };
        write!(
            f,
            "{n} bins of {a}..{b} and {m} bins of {c}..{d} have different edges: count both with the same \
             Binning::Fixed or Binning::SymLog, or with Binning::Doubling, which merges any two"
        )
    }
}

impl std::error::Error for MergeError {}
