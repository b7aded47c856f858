//! The layers of PyTorch 2.15 as constructed after `torch.manual_seed`, every draw in PyTorch's order.
//!
//! With [`Generator`](crate::Generator) and the same seed, the parameters of each [`Module`] here have the bits of
//! PyTorch's in single precision, and the generator stands afterwards where PyTorch's does. The tests compare modules of
//! recorded shapes and options. Buffers, such as the running statistics of a batch norm, draw nothing and are not listed.
//!
//! Two facts that surprise:
//!
//! - `nn.TransformerEncoder` and `nn.TransformerDecoder` deep-copy the layer that they are given. All their layers start
//!   with the same values, and only one is drawn; see [`stack`]. Only `nn.Transformer` draws its layers apart afterwards.
//! - An LSTM's forget gate starts open by half: both its biases are uniform around 0. Many programs set it to 1 afterwards
//!   (Jozefowicz et al. 2015), the second quarter of `bias_ih_l0`; see [`Recurrent::forget_gate`].

mod transformer;

use std::ops::Range;

pub use transformer::{MultiheadAttention, Transformer, decoder_layer, encoder_layer, stack};

use crate::{Bias, Fans, Gain, Module, Scheme};

/// `nn.Linear(inputs, outputs, bias)`.
pub fn linear(inputs: usize, outputs: usize, bias: bool) -> Module {
    weight_and_bias(&[outputs, inputs], outputs, bias)
}

/// `nn.Conv1d`, `2d` or `3d` with a kernel of these sizes; the stride and the padding change nothing.
///
/// # Panics
/// If the groups do not divide the inputs.
#[track_caller]
pub fn conv(inputs: usize, outputs: usize, kernel: &[usize], groups: usize, bias: bool) -> Module {
    weight_and_bias(&[&[outputs, per_group("inputs", inputs, groups)], kernel].concat(), outputs, bias)
}

/// `nn.ConvTranspose1d`, `2d` or `3d` with a kernel of these sizes. Its fan-in is that of [`Fans::torch`].
///
/// # Panics
/// If the groups do not divide the outputs.
#[track_caller]
pub fn conv_transpose(inputs: usize, outputs: usize, kernel: &[usize], groups: usize, bias: bool) -> Module {
    weight_and_bias(&[&[inputs, per_group("outputs", outputs, groups)], kernel].concat(), outputs, bias)
}

/// `nn.Bilinear(first, second, outputs, bias)`: uniform, ±1/√first.
pub fn bilinear(first: usize, second: usize, outputs: usize, bias: bool) -> Module {
    let scheme = within_root(first);
    Module::new().and("weight", &[outputs, first, second], scheme).and_if(bias, "bias", &[outputs], scheme)
}

/// `nn.Embedding(entries, size, padding_idx)`, and `nn.EmbeddingBag`: N(0, 1), zeros for the padding.
pub fn embedding(entries: usize, size: usize, padding: Option<usize>) -> Module {
    Module::new().and("weight", &[entries, size], Scheme::STANDARD_NORMAL).zero_row(padding)
}

/// `nn.BatchNorm1d`, `2d`, `3d`, `nn.LayerNorm` and `nn.GroupNorm`: a weight of ones and, with `bias`, a bias of zeros.
pub fn norm(shape: &[usize], bias: bool) -> Module {
    Module::new().and("weight", shape, Scheme::ONES).and_if(bias, "bias", shape, Scheme::ZEROS)
}

/// `nn.RMSNorm`: a weight of ones.
pub fn rms_norm(shape: &[usize]) -> Module {
    norm(shape, false)
}

/// `nn.RNN`, `nn.LSTM` or `nn.GRU`: every parameter uniform, ±1/√hidden.
///
/// ```
/// use nn_init::torch::{Recurrent, RecurrentKind};
/// let lstm = Recurrent { layers: 2, bidirectional: true, ..Recurrent::new(RecurrentKind::Lstm, 10, 20) };
/// assert_eq!(lstm.module().draws().len(), 16);
/// assert_eq!(lstm.forget_gate(), 20..40);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrent {
    /// The kind of cell.
    pub kind: RecurrentKind,
    /// The size of an input.
    pub inputs: usize,
    /// The size of the hidden state.
    pub hidden: usize,
    /// The number of layers; 1 by default.
    pub layers: usize,
    /// False for a network without biases; true by default.
    pub bias: bool,
    /// True for a second network that reads from the end.
    pub bidirectional: bool,
    /// The size of an LSTM's projection, PyTorch's `proj_size`.
    pub projection: Option<usize>,
}

/// The kind of a recurrent cell. A match may be exhaustive: PyTorch has these three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecurrentKind {
    /// One gate.
    Rnn,
    /// Four gates: input, forget, cell, output.
    Lstm,
    /// Three gates: reset, update, new.
    Gru,
}

impl Recurrent {
    /// PyTorch's defaults: one layer, with biases, in one direction.
    pub const fn new(kind: RecurrentKind, inputs: usize, hidden: usize) -> Self {
        Self { kind, inputs, hidden, layers: 1, bias: true, bidirectional: false, projection: None }
    }

    fn gates(self) -> usize {
        match self.kind {
            RecurrentKind::Rnn => 1,
            RecurrentKind::Lstm => 4,
            RecurrentKind::Gru => 3,
        }
    }

    /// The network's parameters.
    pub fn module(self) -> Module {
        let directions: &[&str] = if self.bidirectional { &["", "_reverse"] } else { &[""] };
        let outputs = self.projection.unwrap_or(self.hidden);
        (0..self.layers).fold(Module::new(), |module, layer| {
            let inputs = if layer == 0 { self.inputs } else { outputs * directions.len() };
            directions
                .iter()
                .fold(module, |module, end| self.cell(module, inputs, &format!("_l{layer}{end}")))
        })
    }

    /// The parameters of `nn.RNNCell`, `nn.LSTMCell` or `nn.GRUCell`.
    pub fn cell_module(self) -> Module {
        self.cell(Module::new(), self.inputs, "")
    }

    /// Adds one layer in one direction.
    fn cell(self, module: Module, inputs: usize, end: &str) -> Module {
        let (rows, scheme) = (self.gates() * self.hidden, within_root(self.hidden));
        let outputs = self.projection.unwrap_or(self.hidden);
        let module = module
            .and(&format!("weight_ih{end}"), &[rows, inputs], scheme)
            .and(&format!("weight_hh{end}"), &[rows, outputs], scheme)
            .and_if(self.bias, &format!("bias_ih{end}"), &[rows], scheme)
            .and_if(self.bias, &format!("bias_hh{end}"), &[rows], scheme);
        module.and_if(self.projection.is_some(), &format!("weight_hr{end}"), &[outputs, self.hidden], scheme)
    }

    /// The indices of an LSTM's forget gate in each of its biases: the second quarter. The gate is σ of the sum of both
    /// biases, so a bias of 1 in one of them, and 0 in the other, opens it to 0.73.
    pub const fn forget_gate(self) -> Range<usize> {
        self.hidden..2 * self.hidden
    }
}

/// A weight, read as `[out, in, kernel…]`, and its bias: both uniform, `±1/√fan_in`.
fn weight_and_bias(shape: &[usize], outputs: usize, bias: bool) -> Module {
    // The bound is written as PyTorch computes it, kaiming_uniform with a = √5, because it rounds differently.
    let scheme = Scheme::kaiming_uniform(leaky_root_5());
    let bias_scheme = Fans::torch(shape).map_or(Scheme::ZEROS, |fans| Bias::FanIn.scheme(fans));
    Module::new().and("weight", shape, scheme).and_if(bias, "bias", &[outputs], bias_scheme)
}

/// The gain of PyTorch's leaky ReLU with slope √5.
pub(crate) fn leaky_root_5() -> Gain {
    Gain::torch(tensor::Activation::LeakyRelu(5f64.sqrt())).expect("PyTorch's table has leaky ReLU")
}

/// Uniform, ±1/√n; zeros for n = 0, for which as many numbers are drawn.
fn within_root(n: usize) -> Scheme {
    Bias::FanIn.scheme(Fans { fan_in: n as f64, fan_out: n as f64 })
}

#[track_caller]
fn per_group(what: &str, count: usize, groups: usize) -> usize {
    let divides = groups > 0 && count.is_multiple_of(groups);
    assert!(divides, "conv: {count} {what} cannot be divided into {groups} groups");
    count / groups
}
