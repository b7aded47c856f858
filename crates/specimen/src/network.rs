//! Networks as data: lookups side by side, hidden layers with or without normalisation, logits.

use std::fmt;

use autograd::{BatchStatistics, Tape, Var};
use tensor::{Activation, Real, Shape};

use crate::norm::{Norm, Running};
use crate::{Batch, Parameters, Role};

/// `logits = hₙ·W + b`, `hᵢ = f(hᵢ₋₁·Wᵢ + bᵢ)`, `h₀` the rows of C for `context` symbols, side by side.
///
/// With a [`Norm`], `hᵢ = f(norm(hᵢ₋₁·Wᵢ))`: a normalised product has γ and β in place of a bias, or behind it if
/// [`Norm::bias`] is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Rows of C, and logits: the number of symbols that the network has room for.
    pub classes: usize,
    /// Symbols per example.
    pub context: usize,
    /// Columns of C.
    pub embedding: usize,
    /// Units of each hidden layer, from the input on; may be none.
    pub hidden: Vec<usize>,
    /// f.
    pub activation: Activation,
    /// The normalisation between product and activation.
    pub norm: Option<Norm>,
}

/// A network that cannot be built, or data that it has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// A size is 0: its name.
    Empty(&'static str),
    /// More symbols than classes: both.
    Symbols(usize, usize),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "{name} is 0: a network needs at least 1"),
            Self::Symbols(symbols, classes) => {
                write!(f, "{symbols} symbols do not fit a network of {classes} classes")
            }
        }
    }
}

impl std::error::Error for NetworkError {}

/// The source of a normalisation's mean and variance.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'a, T: Real = f32> {
    /// The batch itself.
    Training,
    /// Running statistics, one per normalisation.
    Evaluation(&'a [Running<T>]),
}

/// One hidden layer of one pass.
#[derive(Clone, Copy, Debug)]
pub struct LayerTrace<'t, T: Real = f32> {
    /// The input of the activation: `h·W + b`, or the normalised product.
    pub pre: Var<'t, T>,
    /// `f(pre)`.
    pub post: Var<'t, T>,
}

/// Everything that one forward pass put on the tape.
#[derive(Clone, Debug)]
pub struct Trace<'t, T: Real = f32> {
    /// The parameters, in their order.
    pub parameters: Vec<Var<'t, T>>,
    /// The rows of C, side by side.
    pub embedded: Var<'t, T>,
    /// Hidden layers, from the input on.
    pub layers: Vec<LayerTrace<'t, T>>,
    /// The last product, normalised if it is.
    pub logits: Var<'t, T>,
    /// Mean cross-entropy, in nats.
    pub loss: Var<'t, T>,
    /// Mean and variance of the batch at each normalisation; none in evaluation.
    pub statistics: Vec<BatchStatistics<T>>,
}

/// Names and roles of the parameters behind a layer's product, in the order in which they are drawn.
type LayerPlan = &'static [(&'static str, Role)];
const PLAIN: LayerPlan = &[("W", Role::Weight), ("b", Role::Bias)];
const NORMALISED: LayerPlan = &[("W", Role::Weight), ("gamma", Role::NormScale), ("beta", Role::NormShift)];
const NORMALISED_WITH_BIAS: LayerPlan =
    &[("W", Role::Weight), ("b", Role::Bias), ("gamma", Role::NormScale), ("beta", Role::NormShift)];

impl Network {
    /// The lesson's network: C of 27 × 10, three tanh layers of 100, 27 logits.
    pub fn lesson() -> Self {
        Self {
            classes: 27,
            context: 1,
            embedding: 10,
            hidden: vec![100; 3],
            activation: Activation::Tanh,
            norm: None,
        }
    }

    /// Checks sizes that come from outside.
    ///
    /// # Errors
    /// If a size is 0, or there are more `symbols` than classes.
    pub fn check(&self, symbols: usize) -> Result<(), NetworkError> {
        let narrowest = self.hidden.iter().copied().min().unwrap_or(1);
        let sizes = [
            ("classes", self.classes),
            ("context", self.context),
            ("embedding", self.embedding),
            ("width", narrowest),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|&(_, size)| size == 0) {
            return Err(NetworkError::Empty(name));
        }
        if symbols > self.classes {
            return Err(NetworkError::Symbols(symbols, self.classes));
        }
        Ok(())
    }

    /// The number of products: one per hidden layer, and one that makes logits.
    pub fn depth(&self) -> usize {
        self.hidden.len() + 1
    }

    /// The normalisation behind the product of a layer, counted from 1.
    pub fn norm_of(&self, layer: usize) -> Option<&Norm> {
        self.norm.as_ref().filter(|norm| layer < self.depth() || norm.logits)
    }

    /// Inputs and outputs of the product of a layer, counted from 1.
    pub fn sizes(&self, layer: usize) -> (usize, usize) {
        let inputs = if layer == 1 { self.context * self.embedding } else { self.hidden[layer - 2] };
        (inputs, self.hidden.get(layer - 1).copied().unwrap_or(self.classes))
    }

    /// Name, role and shape of every parameter, in the order in which they are drawn: C, then the W and b of each layer;
    /// a normalised layer has W, gamma and beta, with b behind W if the norm keeps it.
    pub fn plan(&self) -> Vec<(String, Role, Shape)> {
        let mut plan = vec![("C".to_owned(), Role::Embedding, [self.classes, self.embedding].into())];
        for layer in 1..=self.depth() {
            let (inputs, outputs) = self.sizes(layer);
            plan.extend(self.layer_plan(layer).iter().map(|&(name, role)| {
                let shape: Shape =
                    if role == Role::Weight { [inputs, outputs].into() } else { [outputs].into() };
                (format!("{name}{layer}"), role, shape)
            }));
        }
        plan
    }

    /// The parameters of a layer, counted from 1.
    pub(crate) fn layer_plan(&self, layer: usize) -> LayerPlan {
        match self.norm_of(layer) {
            None => PLAIN,
            Some(Norm { bias: false, .. }) => NORMALISED,
            Some(Norm { bias: true, .. }) => NORMALISED_WITH_BIAS,
        }
    }

    /// One forward pass over a batch.
    ///
    /// # Panics
    /// If the parameters are not those of [`plan`](Self::plan), the batch holds a symbol beyond `classes`, or its inputs
    /// are not `context` for each target; in evaluation, if there is not one [`Running`] for each normalisation.
    #[track_caller]
    pub fn forward<'t, T: Real>(
        &self,
        tape: &'t Tape<T>,
        parameters: &Parameters<T>,
        batch: &Batch,
        mode: Mode<'_, T>,
    ) -> Trace<'t, T> {
        let outputs = self.outputs(tape, parameters, &batch.inputs, mode);
        let loss = outputs.logits.cross_entropy(&batch.targets);
        outputs.with_loss(loss)
    }

    /// The pass up to the logits `[inputs.len() / context, classes]`, for a loss of one's own.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub fn outputs<'t, T: Real>(
        &self,
        tape: &'t Tape<T>,
        parameters: &Parameters<T>,
        inputs: &[usize],
        mode: Mode<'_, T>,
    ) -> Outputs<'t, T> {
        let vars = parameters.0.iter().map(|p| tape.leaf(p.value.clone())).collect();
        self.through(vars, inputs, mode)
    }

    /// The mean cross-entropy of a batch as a function of parameters that are on a tape already, so that derivatives of
    /// any order can be taken of it.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub fn loss<'t, T: Real>(&self, parameters: &[Var<'t, T>], batch: &Batch) -> Var<'t, T> {
        self.logits(parameters, batch).cross_entropy(&batch.targets)
    }

    /// The logits that [`loss`](Self::loss) is of.
    #[track_caller]
    pub(crate) fn logits<'t, T: Real>(&self, parameters: &[Var<'t, T>], batch: &Batch) -> Var<'t, T> {
        self.through(parameters.to_vec(), &batch.inputs, Mode::Training).logits
    }

    #[track_caller]
    fn through<'t, T: Real>(
        &self,
        vars: Vec<Var<'t, T>>,
        inputs: &[usize],
        mode: Mode<'_, T>,
    ) -> Outputs<'t, T> {
        let behind: usize = (1..=self.depth()).map(|layer| self.layer_plan(layer).len()).sum();
        let (wanted, got) = (1 + behind, vars.len());
        assert!(got == wanted, "forward: {got} parameters for a network of {wanted}");
        let whole = inputs.len().is_multiple_of(self.context);
        assert!(whole, "forward: {} symbols are not examples of {}", inputs.len(), self.context);

        let rows = vars[0].gather(inputs);
        // One symbol an example stands in its row already.
        let wide = [inputs.len() / self.context, self.context * self.embedding];
        let embedded = if self.context == 1 { rows } else { rows.reshape(wide) };
        let mut walk = Walk { next: 1, norms: 0, statistics: Vec::new(), mode };
        let mut layers = Vec::with_capacity(self.hidden.len());
        let mut h = embedded;
        for layer in 1..self.depth() {
            let pre = walk.layer(h, &vars, self.norm_of(layer));
            h = pre.activation(self.activation);
            layers.push(LayerTrace { pre, post: h });
        }
        let logits = walk.layer(h, &vars, self.norm_of(self.depth()));
        Outputs { parameters: vars, embedded, layers, logits, statistics: walk.statistics }
    }
}

/// A walk along the layers: the parameters and running statistics that come next.
struct Walk<'a, T: Real> {
    next: usize,
    norms: usize,
    statistics: Vec<BatchStatistics<T>>,
    mode: Mode<'a, T>,
}

impl<T: Real> Walk<'_, T> {
    /// `h·W + b`, or the normalised product, with or without b.
    #[track_caller]
    fn layer<'t>(&mut self, h: Var<'t, T>, vars: &[Var<'t, T>], norm: Option<&Norm>) -> Var<'t, T> {
        let weight = self.take(vars);
        let product = match norm {
            Some(Norm { bias: false, .. }) => h.matmul(weight),
            _ => h.linear(weight, self.take(vars)),
        };
        let Some(norm) = norm else { return product };
        let (gamma, beta) = (self.take(vars), self.take(vars));
        self.norms += 1;
        match self.mode {
            Mode::Training => {
                let (normal, statistics) = norm.training(product, gamma, beta);
                self.statistics.push(statistics);
                normal
            }
            Mode::Evaluation(running) => {
                let at = self.norms - 1;
                assert!(at < running.len(), "forward: {} running statistics are too few", running.len());
                norm.evaluation(product, gamma, beta, &running[at])
            }
        }
    }

    /// The next parameter.
    fn take<'t>(&mut self, vars: &[Var<'t, T>]) -> Var<'t, T> {
        self.next += 1;
        vars[self.next - 1]
    }
}

/// A [`Trace`] before its loss.
#[derive(Clone, Debug)]
pub struct Outputs<'t, T: Real = f32> {
    /// The parameters, in their order.
    pub parameters: Vec<Var<'t, T>>,
    /// The rows of C, side by side.
    pub embedded: Var<'t, T>,
    /// Hidden layers, from the input on.
    pub layers: Vec<LayerTrace<'t, T>>,
    /// The last product, normalised if it is.
    pub logits: Var<'t, T>,
    /// Mean and variance of the batch at each normalisation; none in evaluation.
    pub statistics: Vec<BatchStatistics<T>>,
}

impl<'t, T: Real> Outputs<'t, T> {
    /// The whole trace, with a loss that was computed from the logits.
    pub fn with_loss(self, loss: Var<'t, T>) -> Trace<'t, T> {
        let Self { parameters, embedded, layers, logits, statistics } = self;
        Trace { parameters, embedded, layers, logits, loss, statistics }
    }
}
