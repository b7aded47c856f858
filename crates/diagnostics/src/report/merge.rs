//! Two reports of one network as one.

use super::{LayerReport, Report, WeightReport};
use crate::stats::{Geometry, MergeError, UnitMap, ValueStatistics};

impl Report {
    /// Adds the report of the same network over another batch, measured with the same [`Settings`](crate::Settings).
    ///
    /// Layers become those of all examples. Parameters stay, and their gradients are counted together. The loss and the
    /// examples' geometry, which are not sums over examples, are averaged, weighted by examples. The result has no
    /// Jacobian, since that belongs to one input, and no curvature, since an eigenvalue is no average.
    ///
    /// Histograms over the range of their values, the default, have different edges and do not merge: measure with
    /// [`Settings::mergeable`](crate::Settings::mergeable).
    ///
    /// # Errors
    /// If the reports have different layers or parameters, or a histogram has different edges; nothing is changed then.
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
        (merged.jacobian, merged.curvature) = (None, None);
        *self = merged;
        Ok(())
    }

    /// A number that is proportional to the number of examples.
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

/// Merges both values; `None` if one is missing.
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
