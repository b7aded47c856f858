//! Networks under the microscope: data in, started by nn-init, run on autograd, seen by diagnostics.
//!
//! ```
//! use specimen::{Generator, Mlp, Parameters, Start, lesson};
//!
//! let (mlp, bigrams) = (Mlp::LESSON, lesson::bigrams());
//! let parameters: Parameters = Start::LESSON_KAIMING.draw(&mlp, &mut Generator::manual_seed(42));
//! let seen = mlp.observe(&parameters, &bigrams.batch, Default::default());
//!
//! assert_eq!(format!("{:.4}", seen.loss), "3.4639"); // torch: 3.4639
//! let std = seen.report.layers[0].post.summary.std();
//! assert_eq!(format!("{std:.4}"), "0.3528"); // torch: 0.3528
//! ```
//!
//! A [`Network`] is a shape, [`Parameters`] are its values, a [`Start`] or [`ScaledStart`] says how they are drawn; an
//! [`Mlp`] is the lesson's network, which shows one symbol an example. There are no hooks: [`Network::forward`] returns
//! a [`Trace`] of every value on the tape, and [`Mlp::observe`] hands them to diagnostics after the backward pass.
//!
//! A [`Model`] is a network with its values, one step of training after another:
//!
//! ```
//! use specimen::{Activation, Alphabet, Generator, Model, Network, Norm, ScaledStart, Tape, lesson};
//!
//! let alphabet = Alphabet::of(&lesson::NAMES)?;
//! let batch = alphabet.examples(&lesson::NAMES, 3);
//! let network = Network {
//!     classes: alphabet.0.len(),
//!     context: 3,
//!     embedding: 10,
//!     hidden: vec![100; 5],
//!     activation: Activation::Tanh,
//!     norm: Some(Norm::LECTURE),
//! };
//! let start = ScaledStart { draws_biases: false, last: "0.1".parse()?, ..ScaledStart::raw() };
//! let parameters = start.draw(&network, &mut Generator::manual_seed(1));
//! let mut model: Model = Model::new(network, parameters);
//!
//! let mut tape = Tape::new();
//! let before = model.pass(&mut tape, &batch).loss;
//! for _ in 0..50 {
//!     let pass = model.pass(&mut tape, &batch);
//!     model.descend(&pass, 0.1);
//! }
//! assert!(model.pass(&mut tape, &batch).loss < before - 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Scope.** The lesson's network at any seed, width, depth, activation, scheme and embedding size, and the lecture's:
//! several symbols an example, batch normalisation, gradient descent; in `f32` and `f64`. Bigrams and contexts of any
//! words; the lesson's own words ([`lesson`]).
//!
//! **Out of scope.** Files, random batches, other optimisers, other architectures.

mod bigrams;
mod contexts;
mod curvature;
pub mod lesson;
mod mlp;
mod model;
mod network;
mod norm;
mod observe;
mod parameters;
mod scaled_start;
mod scaling;
mod start;

pub use autograd::Tape;
pub use bigrams::{Batch, Bigrams, Distinct, WordsError};
pub use contexts::Alphabet;
pub use diagnostics::Role;
pub use mlp::Mlp;
pub use model::{Model, Pass, PassLayer};
pub use network::{LayerTrace, Mode, Network, NetworkError, Trace};
pub use nn_init::{Activation, Element, Generator, Source, Tensor};
pub use norm::{Norm, Running, Spread};
pub use observe::Observation;
pub use parameters::{Parameter, Parameters};
pub use scaled_start::{NoParameter, ScaledStart};
pub use scaling::{Scaling, ScalingError};
pub use start::{Draw, Start, fill_normal, standard_normal};
