//! A network's layers and parameters, side by side.

use std::fmt;

use tensor::Real;

use crate::{LayerReport, LayerView, WeightReport, WeightView, fixed, scientific, signed};

/// What the measurement is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// An activation counts as saturated when `|h|` is above this: 0.99, where tanh has lost 98 % of its
    /// slope.
    pub saturation: f64,
    /// The number of bins of a histogram: 50.
    pub bins: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { saturation: 0.99, bins: 50 }
    }
}

/// What a network showed before its first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// How it was measured.
    pub settings: Settings,
    /// Hidden layers, from the input on.
    pub layers: Vec<LayerReport>,
    /// Parameters, in the caller's order.
    pub weights: Vec<WeightReport>,
}

impl Report {
    /// Measures every layer and parameter. A pure function: nothing is kept or hooked.
    ///
    /// # Panics
    /// If a layer's activations are not whole rows of its units, or [`Settings::bins`] is 0.
    #[track_caller]
    pub fn of<'a, T: Real>(
        layers: impl IntoIterator<Item = LayerView<'a, T>>,
        weights: impl IntoIterator<Item = WeightView<'a, T>>,
        settings: Settings,
    ) -> Self {
        let mut measured = Vec::new();
        for layer in layers {
            measured.push(LayerReport::of(layer, settings));
        }
        let weights = weights.into_iter().map(WeightReport::of).collect();
        Self { settings, layers: measured, weights }
    }
}

/// Two aligned tables: layers with the shape of their distribution, and parameters.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threshold = self.settings.saturation;
        let name = self.layers.iter().map(|l| l.name.chars().count()).chain([5]).max().unwrap_or(5);
        let beyond = format!("|x|>{threshold}");
        writeln!(f, "{:<name$}     mean    std  {beyond:>8}  stuck  min..max", "layer")?;
        for layer in &self.layers {
            let share = format!("{} %", fixed(100.0 * layer.saturated, 1));
            let (mean, std) = (signed(layer.post.mean(), 4), fixed(layer.post.std(), 4));
            let (shape, stuck) = (layer.histogram.spark(25), layer.stuck_units);
            let bad = non_finite(layer.post.non_finite);
            writeln!(f, "{:<name$}  {mean:>7} {std:>6}  {share:>8}  {stuck:>5}  {shape}{bad}", layer.name)?;
        }
        let name = self.weights.iter().map(|w| w.name.chars().count()).chain([9]).max().unwrap_or(9);
        writeln!(f, "{:<name$}     mean    std  mean |grad|", "parameter")?;
        for weight in &self.weights {
            let (mean, std) = (signed(weight.weight.mean(), 4), fixed(weight.weight.std(), 4));
            let grad = weight.grad.map_or("–".to_owned(), |grad| scientific(grad.mean_abs(), 2));
            let bad = non_finite(weight.weight.non_finite + weight.grad.map_or(0, |grad| grad.non_finite));
            writeln!(f, "{:<name$}  {mean:>7} {std:>6}  {grad:>11}{bad}", weight.name)?;
        }
        Ok(())
    }
}

fn non_finite(count: u64) -> String {
    if count == 0 { String::new() } else { format!("  {count} not finite") }
}
