//! Tensors against obvious implementations.

mod accuracy;
mod call;
mod dual;
mod factors;
mod fused;
mod properties;
