//! The lesson's network as data: lookup, hidden layers, logits.

use autograd::Tape;
use tensor::{Activation, Real, Shape};

use crate::{Batch, Distinct, Mode, Network, NetworkError, Parameters, Role, Trace};

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

impl Mlp {
    /// The lesson's: C of 27 × 10, three tanh layers of 100, 27 logits.
    pub const LESSON: Self =
        Self { classes: 27, embedding: 10, width: 100, hidden: 3, activation: Activation::Tanh };

    /// The same as a [`Network`] that shows one symbol an example.
    pub fn network(&self) -> Network {
        let &Self { classes, embedding, width, hidden, activation } = self;
        Network { classes, context: 1, embedding, hidden: vec![width; hidden], activation, norm: None }
    }

    /// Checks sizes that come from outside.
    ///
    /// # Errors
    /// If a size is 0, or there are more `symbols` than classes.
    pub fn check(&self, symbols: usize) -> Result<(), NetworkError> {
        if self.hidden == 0 {
            return Err(NetworkError::Empty("hidden"));
        }
        self.network().check(symbols)
    }

    /// Name, role and shape of every parameter, in the order in which they are drawn.
    pub fn plan(&self) -> Vec<(String, Role, Shape)> {
        self.network().plan()
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
        self.network().forward(tape, parameters, batch, Mode::Training)
    }

    /// The same pass with each input once: layers and logits have a row for each of `distinct.inputs`, the loss
    /// and all gradients of parameters are the batch's, up to the rounding of sums.
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
        let outputs = self.network().outputs(tape, parameters, &distinct.inputs, Mode::Training);
        let loss = distinct.cross_entropy(outputs.logits);
        outputs.with_loss(loss)
    }
}
