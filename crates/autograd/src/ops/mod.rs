//! The ops, one method each: the formula, the value, and beside it the pullback.
//!
//! To add one, write one method. `ȳ` is the cotangent of the result, `x̄` of an operand.

mod elementwise;
mod linear;
mod loss;
mod reduce;
