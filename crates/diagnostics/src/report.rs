//! A network: its layers and parameters side by side.

use tensor::Real;

use crate::binning::Bins;
use crate::{
    Binning, Expected, Flow, LayerReport, LayerView, Spectrum, Summary, ValueStatistics, WeightReport,
    WeightView,
};

/// What the measurement is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The threshold of saturation: 0.99, where tanh has lost 98 % of its slope. The lecture takes 0.97.
    pub saturation: f64,
    /// The bins of activations, pre-activations and weights: 50 over their range, as matplotlib's.
    pub bins: Binning,
    /// The bins of gradients: 8 a decade for magnitudes of 1e-12 to 1e4.
    pub gradient_bins: Binning,
    /// Whether the rank and the correlations of the examples are measured: they are. It takes a product of the
    /// activations with themselves.
    pub geometry: bool,
    /// Whether each layer keeps maps of the examples in which each unit is saturated, and 0: it does not.
    pub maps: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let gradient_bins = Binning::SymLog { linear: 1e-12, decades: 16, per_decade: 8 };
        Self { saturation: 0.99, bins: Binning::Range(50), gradient_bins, geometry: true, maps: false }
    }
}

/// The loss before the first step.
#[derive(Clone, Debug, PartialEq)]
pub struct LossReport {
    /// Mean cross-entropy, in nats.
    pub value: f64,
    /// Classes: a network that knows nothing and claims nothing has a loss of `ln(classes)`.
    pub classes: usize,
    /// What the softmax is taken of.
    pub logits: Option<ValueStatistics>,
    /// The names of the weight that makes the logits, and of its bias.
    pub parameters: Vec<String>,
}

impl LossReport {
    /// `value − ln(classes)`: what is lost by claiming something.
    pub fn excess(&self) -> f64 {
        self.value - (self.classes as f64).ln()
    }
}

/// What a network showed before its first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// How it was measured.
    pub settings: Settings,
    /// `E x²` over the features of each input, where they were given.
    pub inputs: Vec<f64>,
    /// Layers, from the input on.
    pub layers: Vec<LayerReport>,
    /// Parameters, in the caller's order.
    pub weights: Vec<WeightReport>,
    /// The loss, where it was given.
    pub loss: Option<LossReport>,
    /// The singular values of the input–output Jacobian, where they were given.
    pub jacobian: Option<Spectrum>,
}

/// How everything in one report is measured.
pub(crate) struct PreparedSettings {
    pub(crate) settings: Settings,
    pub(crate) bins: Bins,
    pub(crate) gradient_bins: Bins,
}

impl PreparedSettings {
    #[track_caller]
    fn of(settings: Settings) -> Self {
        let [bins, gradient_bins] = [settings.bins, settings.gradient_bins].map(Bins::of);
        Self { settings, bins, gradient_bins }
    }
}

impl Report {
    /// Measures every layer and parameter. A pure function: nothing is kept or hooked.
    ///
    /// # Panics
    /// If a layer's values are not whole rows of its units, its slices or a parameter's are not equally long, a layer
    /// names a parameter that is not given, or a [`Binning`] has no bins.
    #[track_caller]
    pub fn of<'a, T: Real>(
        layers: impl IntoIterator<Item = LayerView<'a, T>>,
        weights: impl IntoIterator<Item = WeightView<'a, T>>,
        settings: Settings,
    ) -> Self {
        let mut report =
            Self { settings, inputs: vec![], layers: vec![], weights: vec![], loss: None, jacobian: None };
        let measure = PreparedSettings::of(settings);
        for weight in weights {
            report.weights.push(WeightReport::of(weight, &measure));
        }
        for layer in layers {
            for name in [layer.weight, layer.bias].into_iter().flatten() {
                assert!(report.weight(name).is_some(), "{}: no parameter is called {name}", layer.name);
            }
            report.layers.push(LayerReport::of(layer, &measure));
        }
        report
    }

    /// With the input of the first layer, one row of so many features an example.
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    #[must_use]
    pub fn with_inputs<T: Real>(self, features: usize, values: &[T]) -> Self {
        let whole = features > 0 && values.len().is_multiple_of(features);
        assert!(whole, "{} inputs are not rows of {features}", values.len());
        let inputs = values.chunks(features).map(|row| Summary::of(row).mean_square()).collect();
        Self { inputs, ..self }
    }

    /// With the mean cross-entropy over so many classes.
    #[must_use]
    pub fn with_loss(self, value: f64, classes: usize) -> Self {
        Self { loss: Some(LossReport { value, classes, logits: None, parameters: vec![] }), ..self }
    }

    /// With the logits of that loss and the names of what makes them: a weight, and its bias if it has one.
    ///
    /// # Panics
    /// Without a loss, or if no parameter has one of these names.
    #[track_caller]
    #[must_use]
    pub fn with_logits<T: Real>(mut self, values: &[T], parameters: &[&str]) -> Self {
        for name in parameters {
            assert!(self.weight(name).is_some(), "logits: no parameter is called {name}");
        }
        let bins = self.settings.bins;
        let Some(loss) = &mut self.loss else { panic!("logits belong to a loss: call with_loss first") };
        loss.logits = Some(ValueStatistics::of(values, bins));
        loss.parameters = parameters.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// With the singular values of the Jacobian of the outputs by the inputs, in any order.
    #[must_use]
    pub fn with_singular_values<T: Real>(self, values: &[T]) -> Self {
        Self { jacobian: Some(Spectrum::of(values)), ..self }
    }

    /// With the distributions that parameters' schemes imply, by name.
    ///
    /// # Panics
    /// If no parameter has one of these names.
    #[track_caller]
    #[must_use]
    pub fn with_expected(mut self, expected: impl IntoIterator<Item = (impl AsRef<str>, Expected)>) -> Self {
        for (name, expected) in expected {
            let name = name.as_ref();
            let found = self.weights.iter_mut().find(|weight| weight.name == name);
            let Some(weight) = found else { panic!("with_expected: no parameter is called {name}") };
            weight.expected = Some(expected);
        }
        self
    }

    /// The parameter of that name.
    pub fn weight(&self, name: &str) -> Option<&WeightReport> {
        self.weights.iter().find(|weight| weight.name == name)
    }

    /// How the activations' root mean square changes from layer to layer.
    pub fn activation_flow(&self) -> Flow {
        Flow::of(&self.layers.iter().map(|layer| layer.post.summary.rms()).collect::<Vec<_>>())
    }

    /// How the root mean square of the gradient at the activations changes from layer to layer, towards the output:
    /// below 0, gradients grow on their way back.
    pub fn gradient_flow(&self) -> Flow {
        let rms = |layer: &LayerReport| layer.gradient.as_ref().map(|gradient| gradient.summary.rms());
        Flow::of(&self.layers.iter().filter_map(rms).collect::<Vec<_>>())
    }

    /// `√Σg²` over the gradients of all parameters; NaN if none has any, or one is not finite.
    pub fn gradient_norm(&self) -> f64 {
        let gradients: Vec<_> = self.weights.iter().filter_map(|weight| weight.gradient.as_ref()).collect();
        let square = |gradient: &&ValueStatistics| match gradient.summary.non_finite {
            0 => gradient.summary.norm().powi(2),
            _ => f64::NAN,
        };
        if gradients.is_empty() { f64::NAN } else { gradients.iter().map(square).sum::<f64>().sqrt() }
    }
}
