//! The settings of a measurement.

use crate::stats::{Binning, PreparedBinning};

/// The settings of a measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The threshold of saturation: 0.99, where tanh has lost 98% of its slope. The lecture uses 0.97.
    pub saturation: f64,
    /// The bins of activations, pre-activations and weights: 50 over their range, as in matplotlib.
    pub bins: Binning,
    /// The bins of gradients: 8 per decade for magnitudes of 1e-12 to 1e4.
    pub gradient_bins: Binning,
    /// True to measure the effective rank and the mean cosine similarity of the examples, which takes a product of the
    /// activations with themselves. The default is true.
    pub geometry: bool,
    /// True to keep maps of the examples in which each unit is saturated, and 0. The default is false.
    pub maps: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let gradient_bins = Binning::SymLog { linear: 1e-12, decades: 16, per_decade: 8 };
        Self { saturation: 0.99, bins: Binning::Range(50), gradient_bins, geometry: true, maps: false }
    }
}

impl Settings {
    /// The default settings with bins that merge whatever the range of the values: for reports of several batches that
    /// become one by [`Report::merge`](crate::Report::merge).
    pub fn mergeable() -> Self {
        Self { bins: Binning::PowerOfTwo(50), ..Self::default() }
    }
}

/// Settings with the edges that all values of a report share.
pub(super) struct PreparedSettings {
    pub(super) settings: Settings,
    pub(super) bins: PreparedBinning,
    pub(super) gradient_bins: PreparedBinning,
}

impl PreparedSettings {
    #[track_caller]
    pub(super) fn of(settings: Settings) -> Self {
        let [bins, gradient_bins] = [settings.bins, settings.gradient_bins].map(PreparedBinning::of);
        Self { settings, bins, gradient_bins }
    }
}
