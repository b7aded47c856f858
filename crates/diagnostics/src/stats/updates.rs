//! Updates relative to the parameters that they change, over training steps.

use tensor::Real;

use super::moments::Summary;
use crate::format::csv_field;

/// `log₁₀(std(update)/std(weight))`: about −3 at a suitable learning rate (the lecture's rule of thumb).
///
/// It is −∞ for an update without spread and ∞ for a weight without spread.
///
/// ```
/// let ratio = diagnostics::update_ratio(&[1e-3_f32, -1e-3], &[1.0_f32, -1.0]);
/// assert!((ratio + 3.0).abs() < 1e-6);
/// ```
pub fn update_ratio<T: Real>(update: &[T], weight: &[T]) -> f64 {
    (Summary::of(update).std() / Summary::of(weight).std()).log10()
}

/// The [`update_ratio`] of several parameters over training steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Updates {
    /// The names of the parameters.
    pub names: Vec<String>,
    /// The steps, each with one ratio per parameter.
    pub rows: Vec<(u64, Vec<f64>)>,
}

impl Updates {
    /// An empty record for the parameters with these names.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), rows: vec![] }
    }

    /// Adds a step: for each parameter its update and its values.
    ///
    /// # Panics
    /// If there is not exactly one pair per name.
    #[track_caller]
    pub fn push<'a, T: Real>(&mut self, step: u64, changes: impl IntoIterator<Item = (&'a [T], &'a [T])>) {
        let ratios: Vec<f64> =
            changes.into_iter().map(|(update, weight)| update_ratio(update, weight)).collect();
        let (got, wanted) = (ratios.len(), self.names.len());
        assert!(got == wanted, "Updates: step {step} has {got} updates for {wanted} parameters");
        self.rows.push((step, ratios));
    }

    /// CSV with the columns `step,W1,W2,…` and one line per step.
    pub fn csv(&self) -> String {
        let header = std::iter::once("step".to_owned()).chain(self.names.iter().map(|name| csv_field(name)));
        let mut lines = vec![header.collect::<Vec<_>>().join(",")];
        for (step, ratios) in &self.rows {
            let cells = std::iter::once(step.to_string()).chain(ratios.iter().map(f64::to_string));
            lines.push(cells.collect::<Vec<_>>().join(","));
        }
        lines.join("\n") + "\n"
    }
}
