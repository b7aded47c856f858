//! Reverse-mode differentiation on an arena tape, small enough to read in an evening.
//!
//! ```
//! use autograd::{Activation, Tape, Tensor};
//!
//! let tape = Tape::new();
//! let x = tape.leaf(Tensor::from_vec(vec![0.5_f64, -1.0], [1, 2])?);
//! let w = tape.leaf(Tensor::from_vec(vec![2.0, 1.0], [2, 1])?);
//! let y = x.matmul(w).activation(Activation::Tanh).sum();
//!
//! let grads = y.backward();
//! assert_eq!(y.value().item(), 0.0);               // tanh(0.5·2 − 1·1)
//! assert_eq!(grads.get(w).unwrap().data(), [0.5, -1.0]);
//! # Ok::<(), autograd::ShapeError>(())
//! ```
//!
//! A [`Tape`] is a list of nodes, and a [`Var`] is the number of a node. Nodes are only appended, so the order of the
//! list is a topological order: [`Var::backward`] passes over it once from the end, without sorting and without
//! recursion, and keeps the gradient of every node that it reaches.
//!
//! An op is one method in one place (`src/ops/`). It computes the value and the pullback, which turns the cotangent
//! of the result into cotangents of the operands, and records both with [`Tape::record`]. Your own ops use the same
//! method.
//!
//! At kinks, ties and infinities all derivatives follow one convention, PyTorch's: [`conventions`].
//!
//! **Scope.** `f32` and `f64`; the ops of fully connected, normalised and residual networks, with PyTorch's values
//! and gradients; Jacobians, [`jvp`] and [`hvp`] by the same ops on dual numbers; and [`check::gradcheck`], the
//! checker that tests all of it.
//!
//! **Out of scope.** Randomness, optimisers, layers, in-place mutation, a global tape.

pub mod check;
#[doc = include_str!("../CONVENTIONS.md")]
pub mod conventions {}
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
