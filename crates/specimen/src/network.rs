//! Networks of the lesson's family as data: lookups side by side, hidden layers with or without normalisation, logits.

use std::fmt;

use autograd::{BatchStatistics, Tape, Var};
use tensor::{Activation, Real, Shape};

use crate::norm::{Norm, Running};
use crate::{Batch, Parameters, Role};

/// `logits = hₙ·W + b`, `hᵢ = f(hᵢ₋₁·Wᵢ + bᵢ)`, `h₀` the rows of C for `context` symbols, side by side.
///
/// With a [`Norm`], `hᵢ = f(norm(hᵢ₋₁·Wᵢ))`: what is normalised has γ and β in place of a bias.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Rows of C, and logits: the symbols that the network has room for.
    pub classes: usize,
    /// Symbols that an example shows.
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

/// Whose mean and variance a normalisation takes.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'a, T: Real = f32> {
    /// Those of the batch.
    Training,
    /// Running ones, one for each normalisation.
    Evaluation(&'a [Running<T>]),
}

/// One hidden layer of one pass.
#[derive(Clone, Copy, Debug)]
pub struct LayerTrace<'t, T: Real = f32> {
    /// What the activation is applied to: `h·W + b`, or the normalised product.
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

impl Network {
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

    /// Products: hidden layers, and the one that makes logits.
    pub fn depth(&self) -> usize {
        self.hidden.len() + 1
    }

    /// The normalisation behind the product of a layer, counted from 1.
    pub fn norm_of(&self, layer: usize) -> Option<&Norm> {
        self.norm.as_ref().filter(|norm| layer < self.depth() || norm.logits)
    }

    /// What the product of a layer takes and gives, counted from 1.
    pub fn sizes(&self, layer: usize) -> (usize, usize) {
        let inputs = if layer == 1 { self.context * self.embedding } else { self.hidden[layer - 2] };
        (inputs, self.hidden.get(layer - 1).copied().unwrap_or(self.classes))
    }

    /// Name, role and shape of every parameter, in the order in which they are drawn: C, then of each layer W and b,
    /// or W, gamma and beta.
    pub fn plan(&self) -> Vec<(String, Role, Shape)> {
        let mut plan = vec![("C".to_owned(), Role::Embedding, [self.classes, self.embedding].into())];
        for layer in 1..=self.depth() {
            let (inputs, outputs) = self.sizes(layer);
            let mut add = |name: &str, role, shape: Shape| plan.push((format!("{name}{layer}"), role, shape));
            add("W", Role::Weight, [inputs, outputs].into());
            if self.norm_of(layer).is_some() {
                add("gamma", Role::NormScale, [outputs].into());
                add("beta", Role::NormShift, [outputs].into());
            } else {
                add("b", Role::Bias, [outputs].into());
            }
        }
        plan
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

    /// The pass up to the logits, `[inputs.len() / context, classes]`.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub(crate) fn outputs<'t, T: Real>(
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
        self.through(parameters.to_vec(), &batch.inputs, Mode::Training).logits.cross_entropy(&batch.targets)
    }

    #[track_caller]
    fn through<'t, T: Real>(
        &self,
        vars: Vec<Var<'t, T>>,
        inputs: &[usize],
        mode: Mode<'_, T>,
    ) -> Outputs<'t, T> {
        let (wanted, got) = (1 + self.parameters_behind(), vars.len());
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

    /// Parameters but C.
    fn parameters_behind(&self) -> usize {
        (1..=self.depth()).map(|layer| if self.norm_of(layer).is_some() { 3 } else { 2 }).sum()
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
    /// `h·W + b`, or the normalised `h·W`.
    #[track_caller]
    fn layer<'t>(&mut self, h: Var<'t, T>, vars: &[Var<'t, T>], norm: Option<&Norm>) -> Var<'t, T> {
        let own = &vars[self.next..];
        let Some(norm) = norm else {
            self.next += 2;
            return h.linear(own[0], own[1]);
        };
        self.next += 3;
        self.norms += 1;
        let product = h.matmul(own[0]);
        match self.mode {
            Mode::Training => {
                let (normal, statistics) = norm.training(product, own[1], own[2]);
                self.statistics.push(statistics);
                normal
            }
            Mode::Evaluation(running) => {
                let at = self.norms - 1;
                assert!(at < running.len(), "forward: {} running statistics are too few", running.len());
                norm.evaluation(product, own[1], own[2], &running[at])
            }
        }
    }
}

/// A [`Trace`] before its loss.
pub(crate) struct Outputs<'t, T: Real> {
    parameters: Vec<Var<'t, T>>,
    embedded: Var<'t, T>,
    layers: Vec<LayerTrace<'t, T>>,
    pub(crate) logits: Var<'t, T>,
    statistics: Vec<BatchStatistics<T>>,
}

impl<'t, T: Real> Outputs<'t, T> {
    pub(crate) fn with_loss(self, loss: Var<'t, T>) -> Trace<'t, T> {
        let Self { parameters, embedded, layers, logits, statistics } = self;
        Trace { parameters, embedded, layers, logits, loss, statistics }
    }
}
