//! Networks as data: initialised by any scheme, run on autograd, measured by diagnostics.
//!
//! ```
//! use specimen::{Generator, Init, Network, Parameters, lesson};
//!
//! let network = Network::lesson();
//! let parameters: Parameters = Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(42));
//! let observed = network.observe(&parameters, &lesson::bigrams().batch, Default::default());
//!
//! assert_eq!(format!("{:.4}", observed.loss), "3.4639"); // torch: 3.4639
//! let std = observed.report.layers[0].post.summary.std();
//! assert_eq!(format!("{std:.4}"), "0.3528"); // torch: 0.3528
//! ```
//!
//! A [`Network`] is a shape, [`Parameters`] are its values, and an [`Init`] says how they are drawn; any initialisation
//! fits any network. There are no hooks: [`Network::forward`] returns a [`Trace`] of every value on the tape, and
//! [`Network::observe`] has diagnostics measure them after the backward pass.
//!
//! A [`Model`] is a network with its values, which gradient descent changes step by step:
//!
//! ```
//! use specimen::{Alphabet, Generator, Init, Model, Network, Norm, Scalings, Scheme, Tape, lesson};
//!
//! let alphabet = Alphabet::of(&lesson::NAMES)?;
//! let batch = alphabet.examples(&lesson::NAMES, 3);
//! let network = Network {
//!     classes: alphabet.0.len(),
//!     context: 3,
//!     hidden: vec![100; 5],
//!     norm: Some(Norm::LECTURE),
//!     ..Network::lesson()
//! };
//! let init = Init {
//!     scalings: Scalings { last: "0.1".parse()?, ..Scalings::NONE },
//!     ..Init::direct(Scheme::orthogonal(), Scheme::ZEROS)
//! };
//! let parameters = init.draw(&network, &mut Generator::manual_seed(1));
//! let mut model: Model = Model::new(network, parameters);
//!
//! let mut tape = Tape::new();
//! let before = model.pass(&mut tape, &batch).loss;
//! for _ in 0..50 {
//!     let pass = model.pass(&mut tape, &batch);
//!     model.sgd_step(&pass, 0.1);
//! }
//! assert!(model.pass(&mut tape, &batch).loss < before - 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Scope.** Lookups and fully connected layers of any width, depth and activation, with several symbols per example,
//! batch normalisation, gradient descent and Adam, in `f32` and `f64`. Bigrams and contexts of any words; the lesson's own
//! words ([`lesson`]).
//!
//! **Out of scope.** Files, random batches, further optimisers, other architectures.

mod adam;
mod bigrams;
mod contexts;
mod curvature;
mod direct;
mod growth;
mod init;
mod lanczos;
pub mod lesson;
mod model;
mod network;
mod norm;
mod observe;
mod parameters;
mod scaling;
mod scalings;

pub use adam::Adam;
pub use autograd::Tape;
pub use bigrams::{Batch, Bigrams, WordsError};
pub use contexts::Alphabet;
pub use curvature::Curvature;
pub use diagnostics::Role;
pub use direct::DirectPass;
pub use growth::Tangent;
pub use init::{Draw, Init, InitMismatch};
pub use lanczos::{RitzValue, SpectrumEnds, lanczos};
pub use model::{Model, Pass, PassLayer};
pub use network::{LayerTrace, Mode, Network, NetworkError, Outputs, Trace};
pub use nn_init::{Activation, Element, Generator, Scheme, Source, Tensor};
pub use norm::{Norm, Running, Spread};
pub use observe::Observation;
pub use parameters::{Parameter, Parameters};
pub use scaling::{Scaling, ScalingError};
pub use scalings::{NoParameter, Scalings};
