//! Tensors against obvious implementations.

mod accuracy;
mod dual;
mod factors;
mod fused;
mod properties;
