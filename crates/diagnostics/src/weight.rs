//! One parameter: its values, its gradient, and the law that it was to be drawn from.

use tensor::Real;

use crate::Distribution;
use crate::report::Measure;

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Inputs are multiplied by it and added up.
    Weight,
    /// It is added.
    Bias,
    /// Rows are looked up in it, one of so many.
    Embedding {
        /// The number of rows.
        rows: usize,
    },
    /// Anything else: a normalisation's scale, a position.
    Other,
}

/// The law that a parameter was to be drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// `E x`.
    pub mean: f64,
    /// The standard deviation; 0 for a constant.
    pub std: f64,
    /// `E (x − mean)⁴/σ⁴`: 3 for the normal law, 9/5 for the uniform; not read where std is 0.
    pub kurtosis: f64,
}

/// The values of one parameter.
///
/// ```
/// use diagnostics::{Law, WeightView};
/// let w = [0.1_f32, -0.2, 0.05];
/// let view = WeightView::new("W1", &w).law(Law { mean: 0.0, std: 0.1, kurtosis: 3.0 });
/// assert_eq!(view.name, "W1");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WeightView<'a, T = f32> {
    /// What tables call it.
    pub name: &'a str,
    /// The values.
    pub weight: &'a [T],
    /// Their gradient.
    pub gradient: Option<&'a [T]>,
    /// What it is for.
    pub role: Role,
    /// What it was to be drawn from.
    pub law: Option<Law>,
}

impl<'a, T: Real> WeightView<'a, T> {
    /// A weight; the other methods say what else is known.
    pub fn new(name: &'a str, weight: &'a [T]) -> Self {
        Self { name, weight, gradient: None, role: Role::Weight, law: None }
    }

    /// With its gradient.
    #[must_use]
    pub fn gradient(self, gradient: &'a [T]) -> Self {
        Self { gradient: Some(gradient), ..self }
    }

    /// With what it is for.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// With what it was to be drawn from.
    #[must_use]
    pub fn law(self, law: Law) -> Self {
        Self { law: Some(law), ..self }
    }
}

/// What one parameter showed.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightReport {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// What it was to be drawn from.
    pub law: Option<Law>,
    /// The values.
    pub weight: Distribution,
    /// Their gradient.
    pub gradient: Option<Distribution>,
}

impl WeightReport {
    #[track_caller]
    pub(crate) fn of<T: Real>(view: WeightView<'_, T>, measure: &Measure) -> Self {
        let WeightView { name, weight, gradient, role, law } = view;
        let count = gradient.map_or(weight.len(), <[T]>::len);
        assert!(count == weight.len(), "{name}: {count} gradients for {} values", weight.len());
        Self {
            name: name.to_owned(),
            role,
            law,
            weight: Distribution::within(weight, &measure.bins),
            gradient: gradient.map(|values| Distribution::within(values, &measure.gradient_bins)),
        }
    }

    /// `std(gradient)/std(weight)`: how far one step of learning rate 1 would move it; NaN without a gradient.
    pub fn grad_data_ratio(&self) -> f64 {
        let std = self.gradient.as_ref().map_or(f64::NAN, |gradient| gradient.summary.std());
        std / self.weight.summary.std()
    }
}
