//! Step Zero for models of [candle](https://docs.rs/candle-core): initialise, observe and guard them, without changing them.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use candle_transformers::models::bert::{BertForMaskedLM, Config};
//! use step_zero_candle::Recipe;
//!
//! let config = Config { vocab_size: 50, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, ..Config::default() };
//! // Initialise: any model behind a `VarBuilder`, by rules of names, from a seed.
//! let mut init = Recipe::shipped("hf/bert")?.init(42, |vb| BertForMaskedLM::load(vb, &config))?;
//!
//! // Observe: one pass, judged by all rules.
//! let tokens = Tensor::arange(0_u32, 12, &Device::Cpu)?.reshape((2, 6))?;
//! let labels = tokens.flatten_all()?;
//! let report = init.watch(|model, watch| {
//!     let logits = model.forward(&tokens, &tokens.zeros_like()?, None)?;
//!     watch.cross_entropy(&logits.flatten_to(1)?, &labels)
//! })?;
//! assert!(report.verdicts().is_empty());
//! assert!((report.recording().loss.as_ref().unwrap().value - 50_f64.ln()).abs() < 0.1);
//! # Ok::<(), candle_core::Error>(())
//! ```
//!
//! | door | |
//! |---|---|
//! | [`Recipe::init`] | variables by the rules of a file for `step-zero check`, by a closure, or by candle's own schemes, from PyTorch's stream or any source |
//! | [`Initialised::watch`], [`watch()`] | a recording of one pass, and the program's report on it |
//! | [`scaling_check`] | a test of how activations, logits and their changes grow with the width |
//! | [`guard()`], [`Recipe::guard`] | a test that fails when the initialisation changes |
//!
//! # Initialising
//!
//! Candle draws a variable when a layer asks for it, from a generator that has no seed on the CPU. Rules need more: they count
//! layers by names, take the fans of other tensors, and tie. So [`Recipe::init`] builds the model twice: the first building
//! gets zeros and shows what the model asks for; then all variables are drawn in that order; the second building gets them.
//! Nothing is written behind a model's back, so one that transposes, splits or copies its weights while it loads is no
//! exception. With PyTorch's generator and its defaults, layers that ask in PyTorch's order have PyTorch's numbers.
//!
//! # Observing: what candle lets be seen
//!
//! Candle 0.11.1 has no hooks, and this crate adds none. What was tried, and what it led to:
//!
//! - **The graph.** The operation of a tensor (`Tensor::op`) is private, but [`Tensor::sorted_nodes`] says which tensors it was
//!   computed from. That gives each site its inputs, and shows that a function stands between two of them; which one is found
//!   by computing the candidates and comparing bits (`first.relu`, `block (residual sum)`). It does not reach inside other
//!   people's models: their fast functions, below, cut the graph.
//! - **Gradients.** `Tensor::backward` drops the gradient of every tensor that is no variable. The former way around it, adding
//!   a variable of zeros, changes −0 to 0 and the number of variables. A [`CustomOp1`] that is the identity can keep the gradient
//!   that passes through its `bwd`: one copy of the values, no variable, the same strides. Outputs and gradients keep all of
//!   their bits, which is tested.
//! - **Layers.** Candle's layers are structs behind the trait `Module`, and a model calls them by itself. The least that a forward
//!   pass can say is which layer it applies: `x.apply(&watch.layer(&self.hidden))`. Its name, kind, weight and unit axis follow
//!   from the layer, and [`Watch::off`] makes it the layer itself again. Other values are announced by [`Watch::site`].
//! - **Models with private fields**, such as those of candle-transformers, show their variables, the gradients of these, their
//!   output and the loss. The report lists the rest as out of sight.
//!
//! Three functions of candle pass no gradient back: `layer_norm` (what [`LayerNorm`] with a bias calls on contiguous tensors),
//! `rms_norm` and `softmax_last_dim`; so does `rope`. A model with them cannot be trained past them, observed or not. Values are
//! reported on both sides, a gradient as far as one arrives, and one line names the variables without one
//! ([`WatchReport::gradient_line`]). `candle_nn::ops::softmax` and `RmsNorm::forward_diff` do not have this gap.
//!
//! A variable without a gradient is never an error: it may be frozen, or a batch norm's running statistics.
//!
//! # The axis of units
//!
//! Units are on axis 1 behind convolutions, batch and group norms, on the last axis behind linear layers, embeddings and layer
//! norms; functions of single values have the axis of what they read. Elsewhere it is stated ([`SiteBuilder::unit_axis`]), and what
//! is stated is compared with the weights: an axis that contradicts the layer or its reader is an error.
//!
//! [`Tensor::sorted_nodes`]: candle_core::Tensor::sorted_nodes
//! [`CustomOp1`]: candle_core::CustomOp1
//! [`LayerNorm`]: candle_nn::LayerNorm

mod guard;
mod init;
mod scaling;
mod values;
mod watch;

pub use guard::guard;
pub use init::{Drawn, Initialised, Recipe, Variable, candles_own};
pub use scaling::{ScalingTrace, scaling_check};
pub use watch::{LayerSite, Observable, SiteBuilder, UnitAxis, Watch, WatchReport, Watched, watch};

/// An error of one line. Candle's own constructors add a backtrace to it.
fn error(text: impl std::fmt::Display) -> candle_core::Error {
    candle_core::Error::Msg(text.to_string())
}

/// The examples of the README, which run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
