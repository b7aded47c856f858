//! Statistics as data: one number at one location of a network.

use mean_field::Prediction;

use super::list::{self, ListEntry, Wanted};
use crate::report::Report;

/// The scale at which the values of a statistic are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "baseline",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum ComparisonScale {
    /// The values themselves: means, shares, counts, and whatever may be negative.
    Linear,
    /// Their logarithms: magnitudes, for which factors matter, such as stds, norms and maxima.
    Log,
}

/// One number at one location of a network, at one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// The layer or parameter, `Layer 1` or `W1`, or `network`.
    pub location: String,
    /// The name of the statistic: `post std`.
    pub name: String,
    /// The number. NaN and infinity are counted apart.
    pub value: f64,
    /// The scale at which it is compared.
    pub scale: ComparisonScale,
    /// Differences up to this are rounding, in the value's unit: 0 unless set. At the logarithmic scale, values up to this
    /// count as zeros.
    pub rounding: f64,
}

impl Statistic {
    /// A number that is compared as it is.
    pub fn linear(location: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        let (location, name) = (location.into(), name.into());
        Self { location, name, value, scale: ComparisonScale::Linear, rounding: 0.0 }
    }

    /// A magnitude that is compared by its logarithm. Values of 0 or less are counted apart.
    pub fn log(location: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        Self { scale: ComparisonScale::Log, ..Self::linear(location, name, value) }
    }

    /// Sets an absolute tolerance beside the relative one, for a value that cancels to about 0: `1e-6 * std` for the mean
    /// after layer norm in single precision.
    #[must_use]
    pub fn rounding(self, rounding: f64) -> Self {
        Self { rounding, ..self }
    }
}

impl Report {
    /// The statistics that characterise the network, which snapshots and baselines compare: for each layer means, stds,
    /// shares, effective rank and cosine similarity; for each parameter mean, std and the size of its gradient; the loss.
    ///
    /// ```
    /// use diagnostics::{LayerView, Report, Settings};
    ///
    /// let layer = LayerView::new("Layer 1", 2, &[0.25_f32, -0.125, 0.5, 0.0]);
    /// let report = Report::of([layer], [], Settings::default());
    /// let mean = &report.statistics()[0];
    /// assert_eq!((&mean.location[..], &mean.name[..], mean.value), ("Layer 1", "post mean", 0.15625));
    /// ```
    pub fn statistics(&self) -> Vec<Statistic> {
        // Predictions take quadrature, and are not compared.
        self.listed(Wanted::Compared, &[])
    }

    /// All statistics: beside [`statistics`](Self::statistics), the counts, extremes, further moments and quantiles of all
    /// values, the growth over depth, and the predictions of theory.
    pub fn all_statistics(&self) -> Vec<Statistic> {
        self.listed(Wanted::All, &self.predictions())
    }

    /// The wanted entries of each layer, of each parameter and of the network that have a value.
    fn listed(&self, wanted: Wanted, theory: &[Prediction]) -> Vec<Statistic> {
        let layers = self
            .layers
            .iter()
            .zip(self.layer_entries(wanted, theory))
            .map(|(layer, list)| (&*layer.name, list));
        let weights = self.weights.iter().map(|weight| (&*weight.name, list::of_weight(wanted, weight)));
        let network = [("network", list::of_network(wanted, self, theory))];
        let mut all = Vec::new();
        for (location, entries) in layers.chain(weights).chain(network) {
            for entry in entries.into_iter().filter(|entry| wanted == Wanted::All || entry.compared) {
                let Some(value) = entry.value else { continue };
                let (scale, rounding) = (entry.quantity.scale(), entry.rounding);
                all.push(Statistic {
                    location: location.to_owned(),
                    name: entry.name.into_owned(),
                    value,
                    scale,
                    rounding,
                });
            }
        }
        all
    }

    /// The entries of each layer, with the predictions for the first layers.
    pub(super) fn layer_entries(&self, wanted: Wanted, theory: &[Prediction]) -> Vec<Vec<ListEntry>> {
        let of = |(at, layer)| list::of_layer(wanted, layer, theory.get(at), self.settings.saturation);
        self.layers.iter().enumerate().map(of).collect()
    }
}
