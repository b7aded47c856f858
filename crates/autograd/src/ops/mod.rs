//! The ops, one method each: the formula, the value, and beside it the pullback.
//!
//! To add one, write one method. `ȳ` is the cotangent of the result, `x̄` of an operand.

mod broadcast;
mod dropout;
mod elementwise;
mod layout;
mod linear;
mod loss;
mod norm;
mod reduce;
mod reduce_over;
mod scalar;
mod softmax;

pub use loss::{CrossEntropy, Reduction};
pub use norm::BatchStatistics;
