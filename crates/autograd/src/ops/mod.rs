//! The ops. Each is one method of [`Var`](crate::Var), which computes the value and records it with its pullback.
//!
//! The documentation of an op has its formula, its shapes and its pullback, where `ȳ` is the cotangent of the result
//! and `x̄` that of an operand x.

mod broadcast;
mod dropout;
mod elementwise;
mod extremes;
mod layout;
mod linear;
mod logsumexp;
mod loss;
mod norm;
mod reduce;
mod reduce_over;
mod scalar;
mod select;
mod softmax;
mod weighted_entropy;

pub use loss::{CrossEntropy, Reduction};
pub use norm::BatchStatistics;
