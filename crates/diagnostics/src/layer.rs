//! One layer: what went in, and what it showed.

use tensor::{Activation, Real};

use crate::report::PreparedSettings;
use crate::units::ends;
use crate::{Geometry, Settings, UnitCounts, UnitMap, ValueStatistics};

/// The values of one layer over a batch, row-major: one row an example, in it every unit.
///
/// ```
/// use diagnostics::LayerView;
/// use tensor::Activation;
///
/// let pre = [-4.0_f32, 0.1, 5.0, 0.2]; // two examples of two units
/// let post = pre.map(f32::tanh);
/// let layer = LayerView::new("Layer 1", 2, &post).pre(&pre).activation(Activation::Tanh);
/// assert_eq!(layer.units, 2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LayerView<'a, T = f32> {
    /// What tables call it.
    pub name: &'a str,
    /// Units: features, or channels of a convolution.
    pub units: usize,
    /// Values of one unit that stand together in a row: 1, or the positions of a channel.
    pub positions: usize,
    /// Activations.
    pub post: &'a [T],
    /// Pre-activations.
    pub pre: Option<&'a [T]>,
    /// The gradient of the loss at the activations.
    pub gradient: Option<&'a [T]>,
    /// The function between pre-activations and activations.
    pub activation: Option<Activation>,
    /// The name of the weight `W` in `pre = x·W + b`, x the layer before.
    pub weight: Option<&'a str>,
    /// The name of the bias `b` there.
    pub bias: Option<&'a str>,
}

impl<'a, T: Real> LayerView<'a, T> {
    /// A layer of which the activations are known; the other methods add what else is.
    pub fn new(name: &'a str, units: usize, post: &'a [T]) -> Self {
        let (pre, gradient, activation, weight, bias) = (None, None, None, None, None);
        Self { name, units, positions: 1, post, pre, gradient, activation, weight, bias }
    }

    /// With so many values of a unit in a stretch: the positions of a channel, for `[examples, channels, …]`.
    #[must_use]
    pub fn positions(self, positions: usize) -> Self {
        Self { positions, ..self }
    }

    /// With its pre-activations.
    #[must_use]
    pub fn pre(self, pre: &'a [T]) -> Self {
        Self { pre: Some(pre), ..self }
    }

    /// With the gradient of the loss at its activations.
    #[must_use]
    pub fn gradient(self, gradient: &'a [T]) -> Self {
        Self { gradient: Some(gradient), ..self }
    }

    /// With its function, from which follows when an activation is saturated and what theory predicts.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation: Some(activation), ..self }
    }

    /// With the name of its weight. Name it only where `pre = x·W + b` and x is the layer before, or the network's
    /// input for the first: a normalisation or a shortcut in between is not in that formula.
    #[must_use]
    pub fn weight(self, name: &'a str) -> Self {
        Self { weight: Some(name), ..self }
    }

    /// With the name of its bias.
    #[must_use]
    pub fn bias(self, name: &'a str) -> Self {
        Self { bias: Some(name), ..self }
    }

    /// # Panics
    /// If one of the slices is not whole examples, or they are not equally long.
    #[track_caller]
    fn check(&self) {
        let &Self { name, units, positions, post, .. } = self;
        let whole = units > 0 && positions > 0 && post.len().is_multiple_of(units * positions);
        let of = if positions == 1 { String::new() } else { format!(" of {positions} values") };
        assert!(whole, "{name}: {} activations are not rows of {units} units{of}", post.len());
        for (what, slice) in [("pre-activations", self.pre), ("gradients", self.gradient)] {
            let count = slice.map_or(post.len(), <[T]>::len);
            assert!(count == post.len(), "{name}: {count} {what} for {} activations", post.len());
        }
    }
}

/// What one layer showed.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReport {
    /// Its name.
    pub name: String,
    /// Its function, where it is known.
    pub activation: Option<Activation>,
    /// The name of its weight.
    pub weight: Option<String>,
    /// The name of its bias.
    pub bias: Option<String>,
    /// Activations.
    pub post: ValueStatistics,
    /// Pre-activations.
    pub pre: Option<ValueStatistics>,
    /// The gradient at the activations.
    pub gradient: Option<ValueStatistics>,
    /// Each unit: how often it is active, and saturated.
    pub units: UnitCounts,
    /// How the examples lie to each other, by their activations.
    pub geometry: Option<Geometry>,
    /// The same by their pre-activations.
    pub pre_geometry: Option<Geometry>,
    /// Example by example, the units that are saturated; where [`Settings::maps`] asks for it.
    pub map: Option<UnitMap>,
    /// Example by example, the units that are 0; where [`Settings::maps`] asks for it.
    pub zeros: Option<UnitMap>,
}

impl LayerReport {
    /// # Panics
    /// If a slice is not whole rows of the units.
    #[track_caller]
    pub(crate) fn of<T: Real>(view: LayerView<'_, T>, measure: &PreparedSettings) -> Self {
        view.check();
        let Settings { saturation, geometry, maps, .. } = measure.settings;
        let row = view.units * view.positions;
        let range = range(view.activation);
        let distribution = |values| ValueStatistics::within(values, &measure.bins);
        Self {
            name: view.name.to_owned(),
            activation: view.activation,
            weight: view.weight.map(str::to_owned),
            bias: view.bias.map(str::to_owned),
            post: distribution(view.post),
            pre: view.pre.map(distribution),
            gradient: view.gradient.map(|values| ValueStatistics::within(values, &measure.gradient_bins)),
            units: UnitCounts::of(view.post, view.units, view.positions, saturation, range),
            geometry: geometry.then(|| Geometry::of(view.post, row)),
            map: maps.then(|| {
                let (low, high) = ends(saturation, range);
                UnitMap::of(view.post, row, |x| x < T::of(low) || x > T::of(high))
            }),
            zeros: maps.then(|| UnitMap::of(view.post, row, |x| x == T::ZERO)),
            pre_geometry: view.pre.filter(|_| geometry).map(|pre| Geometry::of(pre, row)),
        }
    }

    /// The share of activations with `|h| >` [`Settings::saturation`]; NaN of nothing.
    pub fn above_threshold(&self) -> f64 {
        self.units.above_threshold_share()
    }

    /// The share of activations as near as that to an end of their function's range: the same for tanh, other than
    /// [`beyond`](Self::beyond) for sigmoid, whose range is 0 to 1, and 0 for ReLU, which has one end only. NaN of nothing.
    pub fn saturated(&self) -> f64 {
        self.units.saturated_share()
    }

    /// Units that are [`saturated`](Self::saturated) in every example.
    pub fn always_saturated_units(&self) -> usize {
        self.units.always_saturated().count()
    }

    /// Units that are 0 in every example.
    pub fn dead_units(&self) -> usize {
        self.units.dead().count()
    }
}

/// The ends of a function's range, −1 and 1 where it is unknown.
pub(crate) fn range(activation: Option<Activation>) -> (f64, f64) {
    activation.map_or((-1.0, 1.0), Activation::limits)
}
