//! Weight initialisation schemes as data: every initialiser of the large frameworks, in one algebra.
//!
//! ```
//! use nn_init::{Activation, Gain, Generator, Layout, Scheme};
//!
//! // A scheme is a value, or a line of a configuration file.
//! let scheme = Scheme::kaiming_normal(Gain::forward(Activation::Gelu));
//! assert_eq!(scheme, "kaiming_normal(fan_in, forward(gelu))".parse()?);
//!
//! // The expected moments of a tensor.
//! let expected = scheme.moments(&[64, 100], Layout::OUT_IN)?.std;
//! assert!((expected - 1.533_530_441 / 10.0).abs() < 1e-9);
//!
//! // Its values, in a new tensor or in a slice of any framework.
//! let mut generator = Generator::manual_seed(1);
//! let weight = scheme.sample::<f32>(&[64, 100], Layout::OUT_IN, &mut generator)?;
//! let mut slice = vec![0_f64; 64 * 100];
//! scheme.fill(&[64, 100], Layout::OUT_IN, &mut slice, &mut generator)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Contents
//! - **Schemes** ([`Scheme`]): distributions with given parameters; variance scaling by any fan, which includes
//!   Xavier/Glorot, Kaiming/He and LeCun; orthogonal and sparse weights. Each has a text form ([`Scheme::FORMS`]).
//! - **Gains** ([`Gain`]): PyTorch's table; forward, backward and critical gains of any activation, by quadrature.
//! - **Fans** ([`Fans`], [`Layout`]): weights in the order of PyTorch and Keras, kernels of any rank, groups, strides,
//!   transposed convolutions, axes that the caller names; true fans, and those of `torch.nn.init`.
//! - **Defaults** ([`Preset`]): the default layers of PyTorch, Keras, Flax, burn, candle and tch. [`torch`] has those of
//!   PyTorch with several parameters, such as attention and recurrent layers, with the bits of a seed.
//! - **Data, depth and width** ([`Lsuv`], [`Fixup`], [`residual_factor`], [`Mup`], [`CompleteP`]).
//!
//! [`Scheme::moments`] returns the expected moments and [`Scheme::fill`] the values; the tests compare the two at
//! stated false-alarm rates.
//!
//! # PyTorch's numbers
//! The random source is the last argument of every function: any [`Source`], which is every `rand::Rng` and
//! [`Generator`], PyTorch's own stream. With `Generator`, [`Layout::OUT_IN`] and the same seed, the values equal those
//! of `torch.nn.init` in PyTorch 2.15, as recorded in `tests/reference`:
//!
//! | scheme | agreement |
//! |---|---|
//! | constant, uniform, identity, Dirac; uniform Xavier and Kaiming | every bit |
//! | normal, sparse; normal Xavier and Kaiming | every bit in single precision; 4 ε in double |
//! | truncated normal | every bit; 4 ε in double precision if normals are redrawn; see [`Scheme::TruncatedNormal`] |
//! | orthogonal | 4 ε·κ, with κ the condition number of the normal matrix that is factored |
//!
//! PyTorch factors an orthogonal weight in the tensor's precision and this crate in double, so Q moves by the rounding of
//! the matrix times κ. The median κ of a square matrix is three to four times its size, but the tail is long: one 128×128 draw has a κ
//! of 7,624 and differs by 5.1e-5 in single precision. `QᵀQ` does not depend on κ: it is the identity within 1e-6 for
//! both.
//!
//! The generator stands afterwards where PyTorch's does. Shapes and parameters that PyTorch refuses are refused, and those
//! that it leaves alone are left alone: `kaiming_*` of any shape with a zero. The tests list the six exceptions.
//!
//! PyTorch's `sparse_` takes its zeros from the global generator, even if another one is given. Here normals and zeros
//! come from one source.
//!
//! # Generic code
//! [`Element`] is the one bound that code for `f32` and `f64` needs. This crate re-exports the types of its signatures
//! ([`Tensor`], [`Activation`], [`Generator`], [`Source`]), so that it is the only dependency.
//!
//! # Shapes without fans
//! A weight has an input and an output axis. A vector or a scalar does not say which of the two it is, so a scheme that
//! needs fans refuses it, with the shape in the error. (Keras uses a vector's length for both fans, candle and tch use
//! 1.) A shape with a zero has no values: filling it does nothing, except that Xavier refuses one whose fans are both 0,
//! as PyTorch does.
//!
//! # Scope
//! **Features.** `serde`: schemes, gains, fan modes and distributions as strings. `half`: slices of `half::f16` and
//! `half::bf16`, by `Scheme::fill_half`.
//!
//! **Out of scope.** The purpose of a tensor: embeddings and biases have no fans, so choose a scheme without fans, or
//! [`Scheme::with_fans`] of another tensor. Complex numbers, quantised weights.

mod check;
mod complete_p;
mod depth;
mod element;
mod error;
mod fans;
mod gain;
#[cfg(feature = "half")]
mod half;
mod layout;
mod lsuv;
mod module;
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
pub mod torch;
mod truncated;
mod weight;

pub use complete_p::CompleteP;
pub use depth::{Fixup, residual_factor};
pub use element::Element;
pub use error::{InitError, ParseError};
pub use fans::{FanMode, Fans};
pub use gain::{Constants, Gain, torch_gain};
pub use layout::Layout;
pub use lsuv::{Lsuv, LsuvError, LsuvOutcome};
pub use mean_field::Critical;
pub use module::{Module, ParameterDraw};
pub use moments::Moments;
pub use mup::{Mup, MupRole};
pub use preset::{Bias, Preset};
pub use scaling::{Distribution, VarianceScaling};
pub use scheme::Scheme;
pub use tensor::{Activation, Tensor};
pub use text::SchemeForm;
#[cfg(feature = "half")]
pub use torch_rng::Half;
pub use torch_rng::{Generator, Source};
