//! One layer: the values to measure, and the measurements.

use tensor::{Activation, Real};

use super::Settings;
use super::settings::PreparedSettings;
use crate::stats::{Geometry, UnitCounts, UnitMap, ValueStatistics, saturation_ends};

/// The values of one layer over a batch, row-major: one row per example, one column per unit.
///
/// ```
/// use diagnostics::{Activation, LayerView};
///
/// let pre = [-4.0_f32, 0.1, 5.0, 0.2]; // two examples of two units
/// let post = pre.map(f32::tanh);
/// let layer = LayerView::new("Layer 1", 2, &post).pre(&pre).activation(Activation::Tanh);
/// assert_eq!(layer.units, 2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LayerView<'a, T = f32> {
    /// Its name in tables.
    pub name: &'a str,
    /// The number of units: features, or channels of a convolution.
    pub units: usize,
    /// The number of adjacent values of one unit in a row: 1, or the positions of a channel.
    pub positions: usize,
    /// The activations.
    pub post: &'a [T],
    /// The pre-activations.
    pub pre: Option<&'a [T]>,
    /// The gradient of the loss at the activations.
    pub gradient: Option<&'a [T]>,
    /// The function between pre-activations and activations.
    pub activation: Option<Activation>,
    /// The name of the weight `W` in `pre = x·W + b`, where x is the previous layer.
    pub weight: Option<&'a str>,
    /// The name of the bias `b` there.
    pub bias: Option<&'a str>,
}

impl<'a, T: Real> LayerView<'a, T> {
    /// A layer with these activations. The other methods add what else is known of it.
    pub fn new(name: &'a str, units: usize, post: &'a [T]) -> Self {
        let (pre, gradient, activation, weight, bias) = (None, None, None, None, None);
        Self { name, units, positions: 1, post, pre, gradient, activation, weight, bias }
    }

    /// Sets the number of adjacent values per unit: the positions of a channel, for `[examples, channels, …]`.
    #[must_use]
    pub fn positions(self, positions: usize) -> Self {
        Self { positions, ..self }
    }

    /// Adds its pre-activations.
    #[must_use]
    pub fn pre(self, pre: &'a [T]) -> Self {
        Self { pre: Some(pre), ..self }
    }

    /// Adds the gradient of the loss at its activations.
    #[must_use]
    pub fn gradient(self, gradient: &'a [T]) -> Self {
        Self { gradient: Some(gradient), ..self }
    }

    /// Adds its function, which decides when an activation is saturated and what theory predicts. Without it, as for a
    /// normalised or added value, nothing is saturated.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation: Some(activation), ..self }
    }

    /// Adds the name of its weight. Name it only if `pre = x·W + b` with x the previous layer, or the network's input for
    /// the first layer: that formula has no normalisation and no shortcut in between.
    #[must_use]
    pub fn weight(self, name: &'a str) -> Self {
        Self { weight: Some(name), ..self }
    }

    /// Adds the name of its bias.
    #[must_use]
    pub fn bias(self, name: &'a str) -> Self {
        Self { bias: Some(name), ..self }
    }

    /// # Panics
    /// If the activations are not whole examples, or a slice has another length.
    #[track_caller]
    pub(super) fn check(&self) {
        let &Self { name, units, positions, post, .. } = self;
        let whole = units > 0 && positions > 0 && post.len().is_multiple_of(units * positions);
        let each = if positions == 1 { String::new() } else { format!(" with {positions} positions") };
        assert!(whole, "{name}: {} activations are not whole rows of {units} units{each}", post.len());
        for (what, slice) in [("pre-activations", self.pre), ("gradients", self.gradient)] {
            let count = slice.map_or(post.len(), <[T]>::len);
            assert!(count == post.len(), "{name}: {count} {what} for {} activations", post.len());
        }
    }
}

/// The measurements of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReport {
    /// Its name.
    pub name: String,
    /// Its function, if it is known.
    pub activation: Option<Activation>,
    /// The name of its weight.
    pub weight: Option<String>,
    /// The name of its bias.
    pub bias: Option<String>,
    /// The activations.
    pub post: ValueStatistics,
    /// The pre-activations.
    pub pre: Option<ValueStatistics>,
    /// The gradient at the activations.
    pub gradient: Option<ValueStatistics>,
    /// For each unit, the number of its values that are active and saturated.
    pub units: UnitCounts,
    /// The effective rank and the mean cosine similarity of the examples' activations.
    pub geometry: Option<Geometry>,
    /// The same of their pre-activations.
    pub pre_geometry: Option<Geometry>,
    /// For each example, the units that are saturated, if [`Settings::maps`] is set.
    pub map: Option<UnitMap>,
    /// For each example, the units that are 0, if [`Settings::maps`] is set.
    pub zeros: Option<UnitMap>,
}

impl LayerReport {
    /// The measurements of a view that was [checked](LayerView::check).
    pub(super) fn of<T: Real>(view: &LayerView<'_, T>, prepared: &PreparedSettings) -> Self {
        let Settings { saturation, geometry, maps, .. } = prepared.settings;
        let row = view.units * view.positions;
        let range = activation_range(view.activation);
        let statistics = |values| ValueStatistics::with_bins(values, &prepared.bins);
        Self {
            name: view.name.to_owned(),
            activation: view.activation,
            weight: view.weight.map(str::to_owned),
            bias: view.bias.map(str::to_owned),
            post: statistics(view.post),
            pre: view.pre.map(statistics),
            gradient: view.gradient.map(|values| ValueStatistics::with_bins(values, &prepared.gradient_bins)),
            units: UnitCounts::of(view.post, view.units, view.positions, saturation, range),
            geometry: geometry.then(|| Geometry::of(view.post, row)),
            map: maps.then(|| {
                let (low, high) = saturation_ends(saturation, range);
                UnitMap::of(view.post, row, |x| x < T::of(low) || x > T::of(high))
            }),
            zeros: maps.then(|| UnitMap::of(view.post, row, |x| x == T::ZERO)),
            pre_geometry: view.pre.filter(|_| geometry).map(|pre| Geometry::of(pre, row)),
        }
    }

    /// The sets of values that were measured, by their names in statistics.
    pub(crate) fn sets(&self) -> [(&'static str, Option<&ValueStatistics>); 3] {
        [("pre", self.pre.as_ref()), ("post", Some(&self.post)), ("gradient", self.gradient.as_ref())]
    }

    /// The share of activations with `|h| >` [`Settings::saturation`]; NaN without activations.
    pub fn above_threshold(&self) -> f64 {
        self.units.above_threshold_share()
    }

    /// The share of activations near an end of their function's range, by the same threshold. For tanh it equals
    /// [`above_threshold`](Self::above_threshold); for sigmoid, whose range is 0 to 1, it differs; for ReLU, whose range has
    /// one end only, and without a known function it is 0. NaN without activations.
    pub fn saturated(&self) -> f64 {
        self.units.saturated_share()
    }

    /// The number of units that are [`saturated`](Self::saturated) in every example.
    pub fn always_saturated_units(&self) -> usize {
        self.units.always_saturated().count()
    }

    /// The number of units that are 0 in every example.
    pub fn dead_units(&self) -> usize {
        self.units.dead().count()
    }
}

/// The range near whose ends a function is saturated; infinite if the function is unknown, because nothing is known to be
/// bounded then.
pub(crate) fn activation_range(activation: Option<Activation>) -> (f64, f64) {
    activation.map_or((f64::NEG_INFINITY, f64::INFINITY), Activation::saturation_range)
}
