//! Weight initialisation schemes as data.
//!
//! ```
//! use nn_init::{Fans, Layout, Scheme};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let scheme = Scheme::kaiming_normal(2f64.sqrt());
//! let fans = Fans::of(&[100, 64], Layout::InOut)?;
//! assert_eq!(scheme.std(fans), (2.0 / 100f64).sqrt());        // what theory promises
//!
//! let mut rng = ChaCha8Rng::seed_from_u64(1);
//! let weight = scheme.sample::<f32>(&[100, 64], Layout::InOut, &mut rng)?; // what you get
//! assert_eq!(weight.shape().dims(), [100, 64]);
//! # Ok::<(), nn_init::FansError>(())
//! ```
//!
//! A [`Scheme`] says which law the values follow; [`VarianceScaling`] is the algebra behind Xavier, Kaiming
//! and LeCun: a gain, the fan that it is divided by, and a law. [`Scheme::moments`] is what theory promises,
//! [`Scheme::fill`] what you get, and the tests hold the two together.
//!
//! Randomness is the caller's, and the last argument: any [`Source`], which is every `rand::Rng` and
//! PyTorch's own stream, `torch_rng::Generator`.
//!
//! **Scope.** Constant, uniform, normal and variance-scaled schemes for tensors of any rank, into a slice of
//! any framework or a [`tensor::Tensor`]; PyTorch's table of gains.
//!
//! **Out of scope.** Knowing what a tensor is for: embeddings and biases have no fans, so they take a scheme
//! without them.

mod fans;
mod gain;
mod moments;
mod scheme;

pub use fans::{Fans, FansError, Layout, Mode};
pub use gain::torch_gain;
pub use moments::Moments;
pub use scheme::{Law, Scheme, VarianceScaling};
pub use torch_rng::Source;
