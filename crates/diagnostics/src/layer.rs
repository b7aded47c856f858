//! One layer: what went in, and what it showed.

use tensor::Real;

use crate::{Histogram, Settings, Summary};

/// The values of one layer over a batch, row-major: one row an example, one column a unit.
#[derive(Clone, Copy, Debug)]
pub struct LayerView<'a, T = f32> {
    /// What tables call it.
    pub name: &'a str,
    /// Units: the length of a row.
    pub units: usize,
    /// Pre-activations.
    pub pre: &'a [T],
    /// Activations.
    pub post: &'a [T],
    /// The gradient of the loss at the activations, where there is one.
    pub post_grad: Option<&'a [T]>,
}

/// The values of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct WeightView<'a, T = f32> {
    /// What tables call it.
    pub name: &'a str,
    /// The values.
    pub weight: &'a [T],
    /// Their gradient, where there is one.
    pub grad: Option<&'a [T]>,
}

/// What one layer showed.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReport {
    /// Its name.
    pub name: String,
    /// Pre-activations.
    pub pre: Summary,
    /// Activations.
    pub post: Summary,
    /// The share of activations with `|h| >` [`Settings::saturation`]; NaN of nothing.
    pub saturated: f64,
    /// Units with `|h| >` [`Settings::saturation`] in every example.
    pub stuck_units: usize,
    /// The distribution of activations, from the smallest to the largest.
    pub histogram: Histogram,
    /// The gradient at the activations.
    pub post_grad: Option<Summary>,
}

/// What one parameter showed.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightReport {
    /// Its name.
    pub name: String,
    /// The values.
    pub weight: Summary,
    /// Their gradient.
    pub grad: Option<Summary>,
}

impl WeightReport {
    pub(crate) fn of<T: Real>(view: WeightView<'_, T>) -> Self {
        Self {
            name: view.name.to_owned(),
            weight: Summary::of(view.weight),
            grad: view.grad.map(Summary::of),
        }
    }

    /// `std(grad)/std(weight)`: how far one step of learning rate 1 would move it; NaN without a gradient.
    pub fn grad_data_ratio(&self) -> f64 {
        self.grad.map_or(f64::NAN, |grad| grad.std() / self.weight.std())
    }
}

impl LayerReport {
    /// # Panics
    /// If the activations are not whole rows of `units`.
    #[track_caller]
    pub(crate) fn of<T: Real>(view: LayerView<'_, T>, settings: Settings) -> Self {
        let LayerView { name, units, pre, post, post_grad } = view;
        let whole = post.len().is_multiple_of(units);
        assert!(whole, "{name}: {} activations are not rows of {units} units", post.len());
        let threshold = T::of(settings.saturation);
        let saturated = post.iter().filter(|&&x| beyond(x, threshold)).count();
        Self {
            name: name.to_owned(),
            pre: Summary::of(pre),
            post: Summary::of(post),
            saturated: saturated as f64 / post.len() as f64,
            stuck_units: stuck_units(post, units, threshold),
            histogram: Histogram::of(post, settings.bins),
            post_grad: post_grad.map(Summary::of),
        }
    }
}

/// `|x| > threshold`, compared in the values' own precision, as PyTorch does.
fn beyond<T: Real>(x: T, threshold: T) -> bool {
    x > threshold || x < -threshold
}

/// Units that are beyond the threshold in every row; none in an empty batch.
fn stuck_units<T: Real>(post: &[T], units: usize, threshold: T) -> usize {
    let mut stuck = vec![!post.is_empty(); units];
    for row in post.chunks_exact(units.max(1)) {
        for (stuck, &x) in stuck.iter_mut().zip(row) {
            *stuck &= beyond(x, threshold);
        }
    }
    stuck.into_iter().filter(|&stuck| stuck).count()
}
