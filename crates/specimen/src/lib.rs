//! Networks under the microscope: data in, started by nn-init, run on autograd, seen by diagnostics.
//!
//! ```
//! use specimen::{Mlp, Parameters, Start, lesson};
//! use torch_rng::Generator;
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
//! An [`Mlp`] is a shape, [`Parameters`] are its values, a [`Start`] says how they are drawn. There are no
//! hooks: [`Mlp::forward`] returns a [`Trace`] of every value on the tape, and [`Mlp::observe`] hands them to
//! diagnostics after the backward pass.
//!
//! **Scope.** The lesson's network at any seed, width, depth, activation, scheme and embedding size, in `f32`
//! and `f64`; bigrams of any words; the lesson's own words ([`lesson`]).
//!
//! **Out of scope.** Training, files, other architectures.

mod bigrams;
pub mod lesson;
mod mlp;
mod observe;
mod parameters;
mod start;

pub use bigrams::{Batch, Bigrams, Distinct, WordsError};
pub use mlp::{LayerTrace, Mlp, MlpError, Trace};
pub use observe::Observation;
pub use parameters::{Parameter, Parameters, Role};
pub use start::{Draw, Start, standard_normal};
