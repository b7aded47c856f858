//! Files of weights: what each tensor was drawn from, and whether it is what its rules promise.

mod tensor_info;

pub use tensor_info::{Dtype, TensorInfo};
