//! The lesson's network as data: lookup, hidden layers, logits.

use std::fmt;

use autograd::{Tape, Var};
use tensor::{Activation, Real, Shape};

use crate::{Batch, Distinct, Parameters, Role};

/// `logits = hₙ·W + b`, `hᵢ = f(hᵢ₋₁·Wᵢ + bᵢ)`, `h₀ = C[x]`: a lookup and `hidden` layers of one width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mlp {
    /// Rows of C, and logits: the symbols that the network has room for.
    pub classes: usize,
    /// Columns of C.
    pub embedding: usize,
    /// Units of each hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub hidden: usize,
    /// f.
    pub activation: Activation,
}

/// A network that cannot be built, or data that it has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MlpError {
    /// A size is 0: its name.
    Empty(&'static str),
    /// More symbols than classes: both.
    Symbols(usize, usize),
}

impl fmt::Display for MlpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(name) => write!(f, "{name} is 0: a network needs at least 1"),
            Self::Symbols(symbols, classes) => {
                write!(f, "{symbols} symbols do not fit a network of {classes} classes")
            }
        }
    }
}

impl std::error::Error for MlpError {}

/// One hidden layer of one pass.
#[derive(Clone, Copy, Debug)]
pub struct LayerTrace<'t, T: Real = f32> {
    /// `h·W + b`.
    pub pre: Var<'t, T>,
    /// `f(pre)`.
    pub post: Var<'t, T>,
}

/// Everything that one forward pass put on the tape.
#[derive(Clone, Debug)]
pub struct Trace<'t, T: Real = f32> {
    /// The parameters, in their order.
    pub parameters: Vec<Var<'t, T>>,
    /// `C[x]`.
    pub embedded: Var<'t, T>,
    /// Hidden layers, from the input on.
    pub layers: Vec<LayerTrace<'t, T>>,
    /// The last product.
    pub logits: Var<'t, T>,
    /// Mean cross-entropy, in nats.
    pub loss: Var<'t, T>,
}

impl Mlp {
    /// The lesson's: C of 27 × 10, three tanh layers of 100, 27 logits.
    pub const LESSON: Self =
        Self { classes: 27, embedding: 10, width: 100, hidden: 3, activation: Activation::Tanh };

    /// Checks sizes that come from outside.
    ///
    /// # Errors
    /// If a size is 0, or there are more `symbols` than classes.
    pub fn check(&self, symbols: usize) -> Result<(), MlpError> {
        let sizes = [
            ("classes", self.classes),
            ("embedding", self.embedding),
            ("width", self.width),
            ("hidden", self.hidden),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|&(_, size)| size == 0) {
            return Err(MlpError::Empty(name));
        }
        if symbols > self.classes {
            return Err(MlpError::Symbols(symbols, self.classes));
        }
        Ok(())
    }

    /// Name, role and shape of every parameter, in the order in which they are drawn.
    pub fn plan(&self) -> Vec<(String, Role, Shape)> {
        let mut plan = vec![("C".to_owned(), Role::Embedding, [self.classes, self.embedding].into())];
        for layer in 1..=self.hidden + 1 {
            let inputs = if layer == 1 { self.embedding } else { self.width };
            let outputs = if layer > self.hidden { self.classes } else { self.width };
            plan.push((format!("W{layer}"), Role::Weight, [inputs, outputs].into()));
            plan.push((format!("b{layer}"), Role::Bias, [outputs].into()));
        }
        plan
    }

    /// One forward pass over a batch.
    ///
    /// # Panics
    /// If the parameters are not those of [`plan`](Self::plan), or the batch holds a symbol beyond `classes`.
    #[track_caller]
    pub fn forward<'t, T: Real>(
        &self,
        tape: &'t Tape<T>,
        parameters: &Parameters<T>,
        batch: &Batch,
    ) -> Trace<'t, T> {
        let hidden = self.hidden(tape, parameters, &batch.inputs);
        let loss = hidden.logits.cross_entropy(&batch.targets);
        hidden.with_loss(loss)
    }

    /// The same pass with each input once: layers and logits have a row for each of `distinct.inputs`, the loss
    /// and all gradients of parameters are the batch's.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub fn forward_distinct<'t, T: Real>(
        &self,
        tape: &'t Tape<T>,
        parameters: &Parameters<T>,
        distinct: &Distinct,
    ) -> Trace<'t, T> {
        let hidden = self.hidden(tape, parameters, &distinct.inputs);
        let loss = hidden.logits.gather(&distinct.rows).cross_entropy(&distinct.targets);
        hidden.with_loss(loss)
    }

    #[track_caller]
    fn hidden<'t, T: Real>(
        &self,
        tape: &'t Tape<T>,
        parameters: &Parameters<T>,
        inputs: &[usize],
    ) -> Hidden<'t, T> {
        let parameters: Vec<_> = parameters.0.iter().map(|p| tape.leaf(p.value.clone())).collect();
        let (wanted, got) = (3 + 2 * self.hidden, parameters.len());
        assert!(got == wanted, "forward: {got} parameters for a network of {wanted}");
        let embedded = parameters[0].gather(inputs);
        let (last, between) = (&parameters[wanted - 2..], &parameters[1..wanted - 2]);
        let mut layers = Vec::with_capacity(self.hidden);
        let mut h = embedded;
        for layer in between.chunks_exact(2) {
            let pre = h.linear(layer[0], layer[1]);
            h = pre.activation(self.activation);
            layers.push(LayerTrace { pre, post: h });
        }
        let logits = h.linear(last[0], last[1]);
        Hidden { parameters, embedded, layers, logits }
    }
}

/// A [`Trace`] before its loss.
struct Hidden<'t, T: Real> {
    parameters: Vec<Var<'t, T>>,
    embedded: Var<'t, T>,
    layers: Vec<LayerTrace<'t, T>>,
    logits: Var<'t, T>,
}

impl<'t, T: Real> Hidden<'t, T> {
    fn with_loss(self, loss: Var<'t, T>) -> Trace<'t, T> {
        let Self { parameters, embedded, layers, logits } = self;
        Trace { parameters, embedded, layers, logits, loss }
    }
}
