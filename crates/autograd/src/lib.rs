//! Reverse-mode differentiation on an arena tape, small enough to read in an evening.
//!
//! ```
//! use autograd::Tape;
//! use tensor::{Activation, Tensor};
//!
//! let tape = Tape::new();
//! let x = tape.leaf(Tensor::from_vec(vec![0.5_f64, -1.0], [1, 2])?);
//! let w = tape.leaf(Tensor::from_vec(vec![2.0, 1.0], [2, 1])?);
//! let y = x.matmul(w).activation(Activation::Tanh).sum();
//!
//! let grads = y.backward();
//! assert_eq!(y.value().item(), 0.0);               // tanh(0.5·2 − 1·1)
//! assert_eq!(grads.get(w).unwrap().data(), [0.5, -1.0]);
//! # Ok::<(), tensor::ShapeError>(())
//! ```
//!
//! A [`Tape`] is a list of nodes; a [`Var`] is a node's number. Nodes are only ever appended, so the
//! order of the list is a topological order: [`Var::backward`] walks it once from the end, without
//! sorting and without recursion, and keeps the gradient of every node it reached.
//!
//! An op is one method in one place (`src/ops/`): it computes the value and, beside it, the pullback
//! that turns the cotangent of the result into cotangents of the operands; [`Tape::record`] is the one
//! door through which it enters, and is open to ops of your own.
//!
//! **Scope.** `f32` and `f64`; the ops of fully connected, normalised and residual networks, with PyTorch's values
//! and gradients; Jacobians, [`jvp`] and [`hvp`], by the same ops on dual numbers; [`check::gradcheck`], the
//! checker that all of it is held to.
//!
//! **Out of scope.** Randomness, optimisers, layers, in-place mutation, a global tape.

pub mod check;
mod derivatives;
mod grads;
mod graph;
mod ops;
mod tape;

pub use derivatives::{hvp, jvp};
pub use grads::Grads;
pub use graph::{Graph, GraphNode, NodeStatistics};
pub use ops::{BatchStatistics, CrossEntropy, Reduction};
pub use tape::{Tape, Var};
#[doc(no_inline)]
pub use tensor::{Activation, Dual, Real, Shape, ShapeError, Tensor};
