//! One site: the values to measure, and the measurements.

use tensor::Activation;

use super::{InputRole, NormKind, SiteAxes, SiteKind, SiteStatistics, SiteValues};
use crate::report::activation_range;

/// A site that another one reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteInput {
    /// The index of the site, which is earlier than its reader's.
    pub site: usize,
    /// Its role, at a residual sum.
    pub role: Option<InputRole>,
}

/// What is known of a site beside its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its name, such as `h.3.mlp.c_fc`.
    pub name: String,
    /// The operation that computed its values.
    pub kind: SiteKind,
    /// The function of an activation, if it is known.
    pub function: Option<Activation>,
    /// The kind of a norm, if it is known.
    pub norm: Option<NormKind>,
    /// The sites that it reads.
    pub inputs: Vec<SiteInput>,
    /// The index of its weight among the parameters.
    pub weight: Option<usize>,
    /// The index of its bias among the parameters.
    pub bias: Option<usize>,
    /// The type of its values in files, such as `bf16`.
    pub dtype: String,
    /// The measurements; unknown where no values were given.
    pub statistics: SiteStatistics,
}

/// The values of a site over a batch.
///
/// ```
/// use diagnostics::{Activation, SiteAxes, SiteKind, SiteView};
///
/// // Two examples of three ReLU units, the last of which is 0 in both.
/// let values = [1.0_f32, 2.0, 0.0, 0.5, 0.0, 0.0];
/// let site = SiteView::new("fc1.relu", SiteKind::Activation, &values[..], SiteAxes::rows(2, 3, 1))
///     .function(Activation::Relu)
///     .measure();
/// assert_eq!(site.statistics.dead_units, 1.0 / 3.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SiteView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The operation that computed its values.
    pub kind: SiteKind,
    /// The function of an activation.
    pub function: Option<Activation>,
    /// The values.
    pub values: SiteValues<'a>,
    /// Their axes.
    pub axes: SiteAxes,
    /// The gradient of the loss at them.
    pub gradient: Option<SiteValues<'a>>,
}

impl Site {
    /// Measures the gradient of the loss at the site's values, which the backward pass computes later.
    pub fn add_gradient<'a>(&mut self, gradient: impl Into<SiteValues<'a>>) {
        self.statistics.add_gradient_summary(&gradient.into().summary());
    }
}

impl<'a> SiteView<'a> {
    /// A site with these values.
    pub fn new(name: &'a str, kind: SiteKind, values: impl Into<SiteValues<'a>>, axes: SiteAxes) -> Self {
        Self { name, kind, function: None, values: values.into(), axes, gradient: None }
    }

    /// Adds the function of an activation, which decides when a value is saturated.
    #[must_use]
    pub fn function(self, function: Activation) -> Self {
        Self { function: Some(function), ..self }
    }

    /// Adds the gradient of the loss at the values.
    #[must_use]
    pub fn gradient(self, gradient: impl Into<SiteValues<'a>>) -> Self {
        Self { gradient: Some(gradient.into()), ..self }
    }

    /// Measures the values. The site reads nothing yet: see [`Site::inputs`].
    ///
    /// # Panics
    /// If the number of values or gradients is not that of the axes.
    #[track_caller]
    pub fn measure(&self) -> Site {
        let Self { name, axes, .. } = self;
        for (what, count) in
            [("values", Some(self.values.len())), ("gradients", self.gradient.map(|gradient| gradient.len()))]
        {
            let count = count.unwrap_or(axes.count());
            assert!(count == axes.count(), "{name}: {count} {what} for axes of {}", axes.count());
        }
        let range = activation_range(self.function);
        let mut statistics = SiteStatistics::of(self.values, axes, self.kind, range);
        if let Some(gradient) = self.gradient {
            statistics.add_gradient_summary(&gradient.summary());
        }
        Site {
            name: self.name.to_owned(),
            kind: self.kind,
            function: self.function,
            norm: None,
            inputs: vec![],
            weight: None,
            bias: None,
            dtype: self.values.dtype().to_owned(),
            statistics,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch without features, and one without examples.
    #[test]
    fn sites_without_values_are_measured_as_such() {
        for (examples, units) in [(8, 0), (0, 8), (0, 0)] {
            let site =
                SiteView::new("a", SiteKind::Other, &[0.0_f32; 0][..], SiteAxes::rows(examples, units, 1))
                    .measure();
            assert_eq!(site.statistics.count, 0.0, "{examples} × {units}");
            assert!(site.statistics.mean_cosine.is_nan(), "{examples} × {units}");
        }
    }
}
