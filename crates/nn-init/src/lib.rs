//! Weight initialisation schemes as data: every initializer that the frameworks have, in one algebra.
//!
//! ```
//! use nn_init::{Activation, Gain, Layout, Scheme};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! // A scheme is a value, or a line of a configuration file.
//! let scheme = Scheme::kaiming_normal(Gain::forward(Activation::Gelu));
//! assert_eq!(scheme, "kaiming_normal(fan_in, forward(gelu))".parse()?);
//!
//! // What theory promises, and what you get: into a tensor, or into a slice of any framework.
//! let promised = scheme.moments(&[64, 100], Layout::OUT_IN)?.std;
//! assert!((promised - 1.533_530_441 / 10.0).abs() < 1e-9);
//! let mut rng = ChaCha8Rng::seed_from_u64(1);
//! let weight = scheme.sample::<f32>(&[64, 100], Layout::OUT_IN, &mut rng)?;
//! let mut slice = vec![0_f64; 64 * 100];
//! scheme.fill(&[64, 100], Layout::OUT_IN, &mut slice, &mut rng)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//! - **Schemes** ([`Scheme`]): constant, normal, uniform, truncated normal; variance scaling by fan in, out, average
//!   or geometric average in three laws, with Xavier/Glorot, Kaiming/He and LeCun as names of it; orthogonal,
//!   delta-orthogonal, identity, Dirac, sparse.
//! - **Gains** ([`Gain`]): PyTorch's table, and beside it what quadrature derives for any activation: forward, backward
//!   and critical.
//! - **Fans** ([`Fans`], [`Layout`]): weights of PyTorch's and Keras' order, kernels of any rank, groups, transposed
//!   convolutions, axes that the caller names.
//! - **Defaults** ([`Preset`]): what PyTorch, Keras, Flax, burn, candle and tch do when nobody asks.
//! - **Data, depth, width** ([`Lsuv`], [`Fixup`], [`residual_factor`], [`Mup`]).
//!
//! [`Scheme::moments`] is what theory promises, [`Scheme::fill`] what you get, and the tests hold the two together
//! at stated rates of false alarms.
//!
//! # The same numbers as PyTorch
//! Randomness is the caller's, and the last argument: any [`Source`], which is every `rand::Rng` and PyTorch's own
//! stream, `torch_rng::Generator`. With the latter, [`Layout::OUT_IN`] and the same seed, the values are those of
//! `torch.nn.init` in PyTorch 2.15, as `tests/reference` records:
//!
//! | scheme | promise |
//! |---|---|
//! | constant, uniform, normal, Xavier, Kaiming, identity, Dirac, sparse | every bit in single precision; in double precision normals within 4 ε |
//! | orthogonal | within 1e-5: PyTorch factors in single precision, this crate in double |
//! | truncated normal | the law alone: see [`Scheme::TruncatedNormal`] |
//!
//! `sparse_` takes its zeros from PyTorch's global generator, even when another is given: here both come from one.
//!
//! # Which shapes have no answer
//! A weight has an input and an output axis. A vector and a scalar do not say which they are, so a scheme that needs
//! fans refuses them, with the shape in the error; Keras takes a vector's length for both fans, candle and tch take 1.
//! A shape with a zero holds no values: it is filled with nothing, and its scale is finite.
//!
//! # Scope
//! **Features.** `serde`: schemes, gains, modes and laws as strings.
//!
//! **Out of scope.** Knowing what a tensor is for: embeddings and biases have no fans, so they take a scheme without
//! them, or [`Scheme::with_fans`] of another tensor's. Complex numbers, half precision, quantised weights.

mod check;
mod depth;
mod element;
mod error;
mod fans;
mod gain;
mod layout;
mod lsuv;
mod moments;
mod mup;
mod orthogonal;
mod pattern;
mod preset;
mod scaling;
mod scheme;
#[cfg(feature = "serde")]
mod serde;
mod text;
mod truncated;
mod weight;

pub use depth::{Fixup, residual_factor};
pub use element::Element;
pub use error::InitError;
pub use fans::{FanMode, Fans};
pub use gain::{Gain, GainError, torch_gain};
pub use layout::Layout;
pub use lsuv::{Lsuv, LsuvError, LsuvOutcome};
pub use mean_field::Critical;
pub use moments::Moments;
pub use mup::{Mup, MupRole};
pub use preset::{Bias, Preset};
pub use scaling::{Distribution, VarianceScaling};
pub use scheme::Scheme;
pub use tensor::{Activation, Tensor};
pub use text::ParseError;
pub use torch_rng::{Generator, Source};
