//! A network with its values: trained, evaluated, measured.

use autograd::{BatchStatistics, Tape};
use diagnostics::{LayerView, Report, Role, Settings, WeightView};
use tensor::{Real, Tensor};

use crate::{Batch, Mode, Network, Parameter, Parameters, Running, Trace};

/// A network, its parameters, and the running statistics of its normalisations.
#[derive(Clone, Debug, PartialEq)]
pub struct Model<T: Real = f32> {
    /// The shape.
    pub network: Network,
    /// The values.
    pub parameters: Parameters<T>,
    /// One for each normalisation, from the input on.
    pub running: Vec<Running<T>>,
}

/// One hidden layer of a [`Pass`].
#[derive(Clone, Debug, PartialEq)]
pub struct PassLayer<T: Real = f32> {
    /// The input of the activation.
    pub pre: Tensor<T>,
    /// Activations.
    pub post: Tensor<T>,
    /// The gradient of the loss at the activations, if it depends on them.
    pub gradient: Option<Tensor<T>>,
}

/// The values and gradients of one pass forwards and backwards; they outlive its tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass<T: Real = f32> {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// The rows of C, side by side.
    pub embedded: Tensor<T>,
    /// Hidden layers, from the input on.
    pub layers: Vec<PassLayer<T>>,
    /// The input of the softmax.
    pub logits: Tensor<T>,
    /// The gradient of each parameter.
    pub gradients: Vec<Option<Tensor<T>>>,
    /// Mean and variance of the batch at each normalisation.
    pub statistics: Vec<BatchStatistics<T>>,
}

/// Examples that evaluation runs at once: few enough for their activations to stay in the cache.
pub(crate) const AT_ONCE: usize = 1024;

impl<T: Real> Model<T> {
    /// A network with these values, before its first batch.
    pub fn new(network: Network, parameters: Parameters<T>) -> Self {
        let norms = (1..=network.depth()).filter(|&layer| network.norm_of(layer).is_some());
        let running = norms.map(|layer| Running::new(network.sizes(layer).1)).collect();
        Self { network, parameters, running }
    }

    /// Runs a batch forwards and backwards, by the statistics of that batch. Clears the tape, before and after.
    ///
    /// # Panics
    /// As [`Network::forward`].
    #[track_caller]
    pub fn pass(&self, tape: &mut Tape<T>, batch: &Batch) -> Pass<T> {
        tape.clear();
        let trace = self.network.forward(tape, &self.parameters, batch, Mode::Training);
        let pass = Pass::of(trace);
        tape.clear();
        pass
    }

    /// One step of gradient descent by a pass, and the running statistics moved towards its batch.
    ///
    /// # Panics
    /// If the pass is of another network.
    #[track_caller]
    pub fn sgd_step(&mut self, pass: &Pass<T>, rate: f64) {
        self.sgd_step_each(pass, |_| rate);
    }

    /// The same with a learning rate for each parameter, by its place among them.
    ///
    /// # Panics
    /// As [`sgd_step`](Self::sgd_step).
    #[track_caller]
    pub fn sgd_step_each(&mut self, pass: &Pass<T>, rate: impl Fn(usize) -> f64) {
        self.parameters.sgd_step_each(&pass.gradients, rate);
        self.note_statistics(pass);
    }

    /// Moves the running statistics towards the batch of a pass.
    pub(crate) fn note_statistics(&mut self, pass: &Pass<T>) {
        if let Some(norm) = &self.network.norm {
            for (running, batch) in self.running.iter_mut().zip(&pass.statistics) {
                norm.update(running, batch);
            }
        }
    }

    /// The logits of examples in evaluation, `[examples, classes]`.
    ///
    /// # Panics
    /// As [`Network::forward`].
    #[track_caller]
    pub fn logits(&self, inputs: &[usize]) -> Tensor<T> {
        let tape = Tape::new();
        self.network.outputs(&tape, &self.parameters, inputs, Mode::Evaluation(&self.running)).logits.value()
    }

    /// The mean cross-entropy of any number of examples in evaluation, in nats; NaN of none.
    ///
    /// # Panics
    /// As [`Network::forward`].
    #[track_caller]
    pub fn loss(&self, batch: &Batch) -> f64 {
        let mut tape = Tape::new();
        let mut sum = 0.0;
        let inputs = batch.inputs.chunks(AT_ONCE * self.network.context);
        for (inputs, targets) in inputs.zip(batch.targets.chunks(AT_ONCE)) {
            let part = Batch { inputs: inputs.to_vec(), targets: targets.to_vec() };
            let mode = Mode::Evaluation(&self.running);
            let loss = self.network.forward(&tape, &self.parameters, &part, mode).loss.value().item();
            sum += loss.to_f64() * targets.len() as f64;
            tape.clear();
        }
        sum / batch.targets.len() as f64
    }

    /// The same values with the statistics of all examples at once for running ones, each normalisation behind the ones
    /// before it: the lecture's calibration.
    ///
    /// # Panics
    /// As [`Network::forward`].
    #[track_caller]
    pub fn calibrated(&self, batch: &Batch) -> Self {
        let tape = Tape::new();
        let trace = self.network.forward(&tape, &self.parameters, batch, Mode::Training);
        let mut calibrated = self.clone();
        if let Some(norm) = &self.network.norm {
            for (running, all) in calibrated.running.iter_mut().zip(&trace.statistics) {
                norm.update_by(running, all, 1.0);
            }
        }
        calibrated
    }

    /// Measures a pass. Parameters are measured as they are now: after the step, as the lecture does it, or
    /// before it.
    ///
    /// # Panics
    /// If the pass is of another network.
    #[track_caller]
    pub fn report(&self, pass: &Pass<T>, settings: Settings) -> Report {
        let network = &self.network;
        let names: Vec<String> = (1..network.depth()).map(|layer| format!("Layer {layer}")).collect();
        let layers = pass.layers.iter().zip(&names).zip(1..).map(|((seen, name), layer)| {
            let units = network.sizes(layer).1;
            let view = LayerView::new(name, units, seen.post.data()).pre(seen.pre.data());
            let view = self.named(view.activation(network.activation), layer);
            seen.gradient.as_ref().map_or(view, |gradient| view.gradient(gradient.data()))
        });
        let weights = self.parameters.0.iter().zip(&pass.gradients).map(|(parameter, gradient)| {
            let view = weight_view(parameter);
            gradient.as_ref().map_or(view, |gradient| view.gradient(gradient.data()))
        });
        let last: Vec<&str> =
            self.of_layer(network.depth()).map(|parameter| parameter.name.as_str()).collect();
        Report::of(layers, weights, settings)
            .with_inputs(network.context * network.embedding, pass.embedded.data())
            .with_loss(pass.loss, network.classes)
            .with_logits(pass.logits.data(), &last)
    }

    /// A view with the names of what makes it, where that is a product and a bias alone.
    fn named<'a>(&'a self, view: LayerView<'a, T>, layer: usize) -> LayerView<'a, T> {
        if self.network.norm_of(layer).is_some() {
            return view;
        }
        self.of_layer(layer).fold(view, |view, parameter| match parameter.role {
            Role::Weight => view.weight(&parameter.name),
            Role::Bias => view.bias(&parameter.name),
            _ => view,
        })
    }

    /// The parameters of a layer, counted from 1.
    fn of_layer(&self, layer: usize) -> impl Iterator<Item = &Parameter<T>> {
        let count = |layer| self.network.layer_plan(layer).len();
        let start = 1 + (1..layer).map(count).sum::<usize>();
        self.parameters.0[start..][..count(layer)].iter()
    }
}

impl<T: Real> Pass<T> {
    /// The pass of a trace, after the backward pass.
    pub(crate) fn of(trace: Trace<'_, T>) -> Self {
        let grads = trace.loss.backward();
        let layer = |layer: &crate::LayerTrace<'_, T>| PassLayer {
            pre: layer.pre.value(),
            post: layer.post.value(),
            gradient: grads.get(layer.post).cloned(),
        };
        Self {
            loss: trace.loss.value().item().to_f64(),
            embedded: trace.embedded.value(),
            layers: trace.layers.iter().map(layer).collect(),
            logits: trace.logits.value(),
            gradients: trace.parameters.iter().map(|&parameter| grads.get(parameter).cloned()).collect(),
            statistics: trace.statistics,
        }
    }
}

/// A parameter as diagnostics takes it.
fn weight_view<T: Real>(parameter: &Parameter<T>) -> WeightView<'_, T> {
    // Products are x·W: the columns of W are the outputs' weights.
    let shape = parameter.value.shape().dims();
    let view = WeightView::new(&parameter.name, parameter.value.data()).role(parameter.role).shape(shape, 1);
    if parameter.role == Role::Embedding { view.rows(parameter.value.shape().dims()[0]) } else { view }
}
