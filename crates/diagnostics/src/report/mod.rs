//! A report of one network: its layers and parameters side by side.

mod curvature;
mod layer;
mod merge;
mod prediction;
mod recording;
mod settings;
mod weight;

use tensor::Real;

pub use curvature::LossCurvature;
pub(crate) use layer::activation_range;
pub use layer::{LayerReport, LayerView};
pub(crate) use prediction::gradient_flow_of;
pub use settings::Settings;
pub use weight::{Expected, Role, WeightReport, WeightView};

use crate::parallel;
use crate::stats::{Flow, Spectrum, Summary, ValueStatistics};
use settings::PreparedSettings;

/// The loss before the first step.
#[derive(Clone, Debug, PartialEq)]
pub struct LossReport {
    /// Mean cross-entropy, in nats.
    pub value: f64,
    /// The number of classes; uniform guessing has a loss of `ln(classes)`.
    pub classes: usize,
    /// The values that enter the softmax.
    pub logits: Option<ValueStatistics>,
    /// The names of the weight and the bias that produce the logits.
    pub parameters: Vec<String>,
}

impl LossReport {
    /// The loss above that of uniform guessing: `value − ln(classes)`.
    pub fn excess(&self) -> f64 {
        self.value - (self.classes as f64).ln()
    }
}

/// The measurements of a network before its first training step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The settings of the measurement.
    pub settings: Settings,
    /// `E x²` over the features of each input, if inputs were given.
    pub inputs: Vec<f64>,
    /// The layers, from the input on.
    pub layers: Vec<LayerReport>,
    /// The parameters, in the caller's order.
    pub weights: Vec<WeightReport>,
    /// The loss, if it was given.
    pub loss: Option<LossReport>,
    /// The singular values of the input–output Jacobian, if they were given.
    pub jacobian: Option<Spectrum>,
    /// The curvature of the loss, if it was given.
    pub curvature: Option<LossCurvature>,
}

impl Report {
    /// Measures every layer and parameter, with the feature `rayon` on all cores. This is a pure function: it keeps nothing
    /// and installs no hooks.
    ///
    /// # Panics
    /// If a layer's values are not whole rows of its units, its slices or a parameter's are not equally long, a layer
    /// names a parameter that is not given, or a [`Binning`](crate::Binning) has no bins.
    #[track_caller]
    pub fn of<'a, T: Real>(
        layers: impl IntoIterator<Item = LayerView<'a, T>>,
        weights: impl IntoIterator<Item = WeightView<'a, T>>,
        settings: Settings,
    ) -> Self {
        let prepared = PreparedSettings::of(settings);
        let layers: Vec<_> = layers.into_iter().collect();
        let weights: Vec<_> = weights.into_iter().collect();
        check(&layers, &weights);
        Self {
            settings,
            inputs: vec![],
            weights: parallel::map(&weights, |weight| WeightReport::of(weight, &prepared)),
            layers: parallel::map(&layers, |layer| LayerReport::of(layer, &prepared)),
            loss: None,
            jacobian: None,
            curvature: None,
        }
    }

    /// Adds the input of the first layer, one row of `features` values per example.
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    #[must_use]
    pub fn with_inputs<T: Real>(self, features: usize, values: &[T]) -> Self {
        let whole = features > 0 && values.len().is_multiple_of(features);
        assert!(whole, "with_inputs: {} values are not whole rows of {features} features", values.len());
        let inputs = values.chunks(features).map(|row| Summary::of(row).mean_square()).collect();
        Self { inputs, ..self }
    }

    /// Adds the mean cross-entropy, in nats, and the number of classes.
    #[must_use]
    pub fn with_loss(self, value: f64, classes: usize) -> Self {
        Self { loss: Some(LossReport { value, classes, logits: None, parameters: vec![] }), ..self }
    }

    /// Adds the logits of that loss, and the names of the weight and the bias that produce them.
    ///
    /// # Panics
    /// Without a loss, or if no parameter has one of these names.
    #[track_caller]
    #[must_use]
    pub fn with_logits<T: Real>(mut self, values: &[T], parameters: &[&str]) -> Self {
        for name in parameters {
            assert!(self.weight(name).is_some(), "with_logits: the report has no parameter {name}");
        }
        let bins = self.settings.bins;
        let Some(loss) = &mut self.loss else {
            panic!("with_logits: the report has no loss; call with_loss first")
        };
        loss.logits = Some(ValueStatistics::of(values, bins));
        loss.parameters = parameters.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Adds the singular values of the Jacobian of the outputs with respect to the inputs, in any order.
    #[must_use]
    pub fn with_singular_values<T: Real>(self, values: &[T]) -> Self {
        Self { jacobian: Some(Spectrum::of(values)), ..self }
    }

    /// Adds the curvature of the loss.
    #[must_use]
    pub fn with_curvature(self, curvature: LossCurvature) -> Self {
        Self { curvature: Some(curvature), ..self }
    }

    /// Adds the distributions that the schemes of parameters imply, by name.
    ///
    /// # Panics
    /// If no parameter has one of these names.
    #[track_caller]
    #[must_use]
    pub fn with_expected(mut self, expected: impl IntoIterator<Item = (impl AsRef<str>, Expected)>) -> Self {
        for (name, expected) in expected {
            let name = name.as_ref();
            let found = self.weights.iter_mut().find(|weight| weight.name == name);
            let Some(weight) = found else { panic!("with_expected: the report has no parameter {name}") };
            weight.expected = Some(expected);
        }
        self
    }

    /// The parameter with that name.
    pub fn weight(&self, name: &str) -> Option<&WeightReport> {
        self.weights.iter().find(|weight| weight.name == name)
    }

    /// The growth of the activations' root mean square from layer to layer. It has a bound if the last function has one.
    pub fn activation_flow(&self) -> Flow {
        let flow = Flow::of(&self.layers.iter().map(|layer| layer.post.summary.rms()).collect::<Vec<_>>());
        let ends = activation_range(self.layers.last().and_then(|layer| layer.activation));
        if (ends.1 - ends.0).is_finite() { flow.bounded() } else { flow }
    }

    /// The growth of the root mean square of the gradient at the activations, from layer to layer towards the output. A
    /// negative rate means that gradients grow towards the input.
    pub fn gradient_flow(&self) -> Flow {
        let rms = |layer: &LayerReport| layer.gradient.as_ref().map(|gradient| gradient.summary.rms());
        Flow::of(&self.layers.iter().filter_map(rms).collect::<Vec<_>>())
    }

    /// `√Σg²` over the gradients of all parameters; NaN if there are none, or one of them is not finite.
    pub fn gradient_norm(&self) -> f64 {
        let gradients: Vec<_> = self.weights.iter().filter_map(|weight| weight.gradient.as_ref()).collect();
        let square = |gradient: &&ValueStatistics| match gradient.summary.non_finite {
            0 => gradient.summary.norm().powi(2),
            _ => f64::NAN,
        };
        if gradients.is_empty() { f64::NAN } else { gradients.iter().map(square).sum::<f64>().sqrt() }
    }
}

/// # Panics
/// If a view does not fit together, or a layer names a parameter that is not given.
#[track_caller]
fn check<T: Real>(layers: &[LayerView<'_, T>], weights: &[WeightView<'_, T>]) {
    for weight in weights {
        weight.check();
    }
    for layer in layers {
        for name in [layer.weight, layer.bias].into_iter().flatten() {
            assert!(
                weights.iter().any(|weight| weight.name == name),
                "{}: its parameter {name} is not among those of the report",
                layer.name
            );
        }
        layer.check();
    }
}
