//! Burn models before their first training step: initialised by schemes and rules, watched, and guarded.
//!
//! Three doors, each of one line, none of which changes the model:
//!
//! ```
//! # use burn_core as burn;
//! # use burn_core::module::Module;
//! # use burn_core::tensor::{Device, Int, Tensor, activation::relu};
//! # use burn_nn::{Linear, LinearConfig};
//! # use checkpoint::{NameRules, RuleSettings};
//! # use diagnostics::{Limits, RecordingReport, Style};
//! # use torch_rng::Generator;
//! use step_zero_burn::{Loss, draw_by_rules, guard, watch};
//!
//! # #[derive(Module, Debug)]
//! # struct Net { hidden: Linear, head: Linear }
//! # impl Net {
//! #     fn new(device: &Device) -> Self {
//! #         Self { hidden: LinearConfig::new(4, 64).init(device), head: LinearConfig::new(64, 3).init(device) }
//! #     }
//! #     fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.head.forward(relu(self.hidden.forward(x))) }
//! # }
//! # let rules = NameRules::parse("version = 1\nrule = [
//! #   { match = '**.weight', scheme = 'kaiming_normal(fan_in, relu)' }, { match = '**.bias', scheme = 'zeros' }]")?;
//! # let settings = RuleSettings::default();
//! fn loss(net: &Net) -> Loss {
//! #   let x = Tensor::<1, Int>::arange(0..32, &net.devices()[0]).float().sin().reshape([8, 4]);
//! #   let classes = Tensor::<1, Int>::arange(0..8, &net.devices()[0]).remainder_scalar(3);
//!     Loss::cross_entropy(net.forward(x), classes)
//! }
//!
//! // 1. Initialise: every parameter by the rules file of `step-zero check`, from a seed.
//! let net = Net::new(&Device::default().autodiff());
//! let (net, drawn) = draw_by_rules(net, &mut Generator::manual_seed(42), &rules, &settings)?;
//! // 2. Watch: one pass, judged by all rules.
//! let report = RecordingReport::of(vec![watch(&net, loss)?], &Limits::default())?;
//! println!("{}", report.text(Style::Plain));
//! // 3. Guard, in a test: fails when an initialisation changes.
//! # if false {
//! guard("baselines/net.json", |device| Net::new(device), loss);
//! # }
//! # assert_eq!(drawn.len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | question | answer |
//! |---|---|
//! | Which scheme does each parameter get? | [`draw_by_rules`]: a rules file; [`draw`]: a closure; [`lsuv`]: scaled by data |
//! | Was it drawn as the rules say? | [`expect`] |
//! | What do its layers make of a batch, and what is wrong? | [`watch`] |
//! | How do places inside a model become visible? | [`Watched`], [`Through`], [`residual`] |
//! | Which axis has the units of a layer of my own? | [`Place`] |
//! | Do activations and updates keep their size in wider models? | [`scaling_check`] |
//! | Did an initialisation change? | [`guard`], [`statistics`] |
//!
//! # What a watch can see
//!
//! Burn 0.22.1 has no hooks: `forward` is an inherent method of each layer, and nothing is called before or after it. These
//! ways were tried or read in its source:
//!
//! | way | why it is taken or not |
//! |---|---|
//! | a visitor of the module | taken for parameters: it shows each with its path, in any module |
//! | `Gradients` after `backward` | taken: they hold the gradients of all leaves, so of parameters. Those of other tensors are removed as soon as they were used, and `require_grad` panics for a tensor that is no leaf |
//! | a leaf added to a tensor | taken for gradients inside: `x + −0` is `x` to the bit, and the gradient of the added zeros is that of `x` |
//! | a reparameterization of each parameter | not taken: it is called when an unchanged layer reads its weight, but sees the weight only, and the gradients tell already which were used |
//! | a backend that records | not possible: a tensor is an enum of burn's own backends. The one for capturing records operations without running them |
//! | a tensor that wraps another | not possible: layers take `Tensor`, which is no trait |
//!
//! So a model that knows nothing of this crate shows its **parameters**, their **gradients**, its **outputs** and the **loss**,
//! and the report says which parameters no recorded place reads (`out of sight`). A **place inside** is seen where the
//! model's own `forward` says so, with one word per layer: `self.conv.watched(x)` for `self.conv.forward(x)`. Without a watch
//! that is `forward` and nothing else, so a model keeps it in training. Burn's `MultiHeadAttention`, `TransformerEncoder` and
//! `TransformerDecoder` are watched inside in the same way.
//!
//! A watch is open on one thread during [`watch`] and holds the only state, which ends with it. A layer finds the site that it
//! reads by the tensor's numbers, so that clones and reshapes keep their origin. What was computed out of sight is measured where
//! it is read, as a site of kind `other` that is taken to follow the last one.
//!
//! **Units.** The unit axis is 1 for convolutions, batch, group and instance norms, and the last one for linear layers,
//! embeddings, layer and RMS norms: `[batch, channels, …]` and `[batch, time, features]`. Other places have that of what they
//! read, unless [`Place::along`] states one. The axis is held to the weight's shape, and a contradiction is an error in one line.
//!
//! **Batch norm.** Running statistics are neither drawn nor listed as parameters. A watched norm in training uses the statistics of
//! the batch, as `forward` does, but does not update the running ones. In `forward`, that needs burn's feature `std`, which is
//! on by default.
//!
//! **Precision.** f64, f32, f16 and bf16 are measured as they are. Quantized weights are listed as out of sight.
//!
//! **Not here:** the inside of recurrent layers. Put `through(SiteKind::Recurrent, …)` around them for what they return.

mod draw;
mod guard;
mod loss;
mod lsuv;
mod parameter;
mod rules;
mod scaling;
mod turn;
mod values;
mod watch;

pub use draw::{DrawError, draw};
pub use guard::{guard, statistics};
pub use loss::Loss;
pub use lsuv::lsuv;
pub use parameter::Parameter;
pub use rules::{Draws, draw_by_rules, expect};
pub use scaling::{ScalingTrace, scaling_check};
pub use watch::{Decoded, Masks, Place, Through, WatchError, Watched, residual, watch};
