//! The three doors, on networks of candle's layers, on the examples, and on models of candle-transformers.

// Functions that build a model take the `VarBuilder` as a recipe hands it over.
#![allow(clippy::needless_pass_by_value)]

#[path = "../../examples/bert.rs"]
#[allow(dead_code)]
mod bert;
#[path = "../../examples/conv.rs"]
#[allow(dead_code)]
mod conv;
#[path = "../../examples/gpt.rs"]
#[allow(dead_code)]
mod gpt;
#[path = "../../examples/mlp.rs"]
#[allow(dead_code)]
mod mlp;

mod axes;
mod faults;
mod gpt_of_ones_own;
mod guard;
mod init;
mod recipe;
mod scaling;
mod transformers;
mod untouched;
mod watch;

use candle_core::{DType, Tensor};

/// The values of a tensor, in single precision.
fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_dtype(DType::F32).unwrap().to_vec1().unwrap()
}

/// Values as bits.
fn bits(tensor: &Tensor) -> Vec<u32> {
    values(tensor).into_iter().map(f32::to_bits).collect()
}

/// Standard normal numbers.
fn noise(seed: u64, shape: &[usize]) -> Tensor {
    let mut values = vec![0_f32; shape.iter().product()];
    nn_init::Source::normal(&mut torch_rng::Generator::manual_seed(seed), 0.0, 1.0, &mut values);
    Tensor::from_vec(values, shape, &candle_core::Device::Cpu).unwrap()
}
