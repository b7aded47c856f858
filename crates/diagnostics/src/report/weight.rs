//! One parameter: its values, its gradient, and the distribution that its scheme implies.

use tensor::Real;

use super::settings::PreparedSettings;
use crate::sites::{ParameterStatistics, SiteValues};
use crate::stats::ValueStatistics;

/// The purpose of a parameter, which decides how it is initialised and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Inputs are multiplied by it and summed.
    Weight,
    /// A table from which rows are looked up; [`WeightView::rows`] says how many it has.
    Embedding,
    /// A row that is added.
    Bias,
    /// A row that normalised values are multiplied by: γ, initially 1.
    NormScale,
    /// A row that is added to normalised values: β, initially 0.
    NormShift,
    /// Anything else, such as a position embedding.
    Other,
}

/// The mean, std and kurtosis that a parameter's initialisation scheme implies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// `E x`.
    pub mean: f64,
    /// The standard deviation; 0 for a constant.
    pub std: f64,
    /// `E (x − mean)⁴/σ⁴`: 3 for the normal distribution, 9/5 for the uniform; ignored where `std` is 0.
    pub kurtosis: f64,
}

/// The values of one parameter.
///
/// ```
/// use diagnostics::{Expected, WeightView};
/// let w = [0.1_f32, -0.2, 0.05];
/// let view = WeightView::new("W1", &w).expected(Expected { mean: 0.0, std: 0.1, kurtosis: 3.0 });
/// assert_eq!(view.name, "W1");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WeightView<'a, T = f32> {
    /// Its name in tables.
    pub name: &'a str,
    /// The values.
    pub weight: &'a [T],
    /// Their gradient.
    pub gradient: Option<&'a [T]>,
    /// Its purpose.
    pub role: Role,
    /// The number of rows of an embedding.
    pub rows: Option<usize>,
    /// The distribution that its scheme implies.
    pub expected: Option<Expected>,
    /// Its shape; empty if it is not known.
    pub shape: &'a [usize],
    /// The axis of its outputs.
    pub output_axis: usize,
}

impl<'a, T: Real> WeightView<'a, T> {
    /// A weight. The other methods add what else is known of it.
    pub fn new(name: &'a str, weight: &'a [T]) -> Self {
        let (gradient, rows, expected, shape, output_axis) = (None, None, None, &[][..], 0);
        Self { name, weight, gradient, role: Role::Weight, rows, expected, shape, output_axis }
    }

    /// Adds its gradient.
    #[must_use]
    pub fn gradient(self, gradient: &'a [T]) -> Self {
        Self { gradient: Some(gradient), ..self }
    }

    /// Sets its purpose.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Adds the number of rows of an embedding, from which a verdict recognises a scheme that was scaled by a fan-in.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows: Some(rows), ..self }
    }

    /// Adds its shape and the axis of its outputs: 0 for `[outputs, inputs]`, 1 for `[inputs, outputs]`. Without them, the
    /// relations between its rows are not measured.
    #[must_use]
    pub fn shape(self, shape: &'a [usize], output_axis: usize) -> Self {
        Self { shape, output_axis, ..self }
    }

    /// Adds the distribution that its scheme implies.
    #[must_use]
    pub fn expected(self, expected: Expected) -> Self {
        Self { expected: Some(expected), ..self }
    }

    /// # Panics
    /// If there is not one gradient per value, or the shape has another number of values.
    #[track_caller]
    pub(super) fn check(&self) {
        let &Self { name, weight, gradient, shape, .. } = self;
        let count = gradient.map_or(weight.len(), <[T]>::len);
        assert!(count == weight.len(), "{name}: {count} gradients for {} values", weight.len());
        let values = shape.iter().product::<usize>();
        assert!(
            shape.is_empty() || values == weight.len(),
            "{name}: {} values for the shape {shape:?}",
            weight.len()
        );
    }
}

/// The measurements of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightReport {
    /// Its name.
    pub name: String,
    /// Its purpose.
    pub role: Role,
    /// The number of rows of an embedding.
    pub rows: Option<usize>,
    /// The distribution that its scheme implies.
    pub expected: Option<Expected>,
    /// The values.
    pub weight: ValueStatistics,
    /// Their gradient.
    pub gradient: Option<ValueStatistics>,
    /// Its shape; empty if it is not known.
    pub shape: Vec<usize>,
    /// The axis of its outputs.
    pub output_axis: usize,
    /// The relations between its rows, if its shape is known and [`Settings::geometry`](crate::Settings::geometry) is set.
    pub relations: Option<ParameterStatistics>,
}

impl WeightReport {
    /// The measurements of a view that was [checked](WeightView::check).
    pub(super) fn of<T: Real>(view: &WeightView<'_, T>, prepared: &PreparedSettings) -> Self {
        let &WeightView { name, weight, gradient, role, rows, expected, shape, output_axis } = view;
        let measured = prepared.settings.geometry && !shape.is_empty();
        let statistics = ValueStatistics::with_bins(weight, &prepared.bins);
        let relations = || rows_of(weight, statistics.summary.rms(), shape, output_axis);
        Self {
            shape: shape.to_vec(),
            output_axis,
            relations: measured.then(relations),
            name: name.to_owned(),
            role,
            rows,
            expected,
            weight: statistics,
            gradient: gradient.map(|values| ValueStatistics::with_bins(values, &prepared.gradient_bins)),
        }
    }

    /// The sets of values that were measured, by their names in statistics.
    pub(crate) fn sets(&self) -> [(&'static str, Option<&ValueStatistics>); 2] {
        [("value", Some(&self.weight)), ("gradient", self.gradient.as_ref())]
    }

    /// `std(gradient)/std(weight)`: the relative change by one step at learning rate 1; NaN without a gradient.
    pub fn grad_data_ratio(&self) -> f64 {
        let std = self.gradient.as_ref().map_or(f64::NAN, |gradient| gradient.summary.std());
        std / self.weight.summary.std()
    }
}

fn rows_of<T: Real>(values: &[T], rms: f64, shape: &[usize], output_axis: usize) -> ParameterStatistics {
    let values: Vec<f64> = values.iter().map(|x| x.to_f64()).collect();
    ParameterStatistics::of_matrix(SiteValues::F64(&values), rms, shape, output_axis)
}
