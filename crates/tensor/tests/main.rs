//! Tensors against plain implementations.

mod accuracy;
mod call;
mod dual;
mod expression;
mod factors;
mod fused;
mod listed;
mod properties;
mod sums;
