//! Dense row-major tensors of `f32` and `f64`: shapes, matrix products through faer, activations.
//!
//! ```
//! use tensor::{Activation, Tensor};
//!
//! let x = Tensor::from_vec(vec![1.0_f32, -2.0, 0.5], [1, 3])?;
//! let w = Tensor::full([3, 2], 0.1_f32);
//! let h = x.matmul(&w).map(|z| Activation::Tanh.eval(z).0);
//! assert_eq!(h.shape().dims(), [1, 2]);
//! # Ok::<(), tensor::ShapeError>(())
//! ```
//!
//! **Scope.** The arithmetic of a fully connected network, forward and backward: elementwise maps, row gathers and
//! scatters, sums, softmax, matrix products with either factor transposed, the QR factorisation, singular values, and
//! [`Activation`] with its slope. Elementwise loops have one path and products have one path; both use AVX2 or
//! AVX-512 if the processor has it. NaN and infinity are data and pass through. With the feature `rayon`, large
//! products run on several threads.
//!
//! **Out of scope.** Views, strides, broadcasting beyond a row or a column, integer tensors, devices, and randomness:
//! the caller fills a tensor.
//!
//! **Errors.** Data that enters with a shape is checked, and a mismatch is returned as a [`ShapeError`]. Arithmetic on
//! shapes that the program chose panics at the caller's line with the same text.

mod activation;
mod blocks;
mod call;
mod columns;
mod dual;
mod expression;
mod functions;
mod matmul;
mod nearest;
mod pool;
mod qr;
mod real;
mod rows;
mod shape;
mod simd;
pub mod slices;
mod small;
mod softmax;
mod sum;
mod svd;
mod tensor;
mod threads;

pub use activation::{Activation, ActivationError};
pub use call::{Call, CallError};
pub use dual::Dual;
pub use expression::{ExpressionError, evaluate};
pub use nearest::suggestion;
pub use pool::Pool;
pub use real::Real;
pub use shape::{Shape, ShapeError};
pub use simd::{dispatch, instruction_set};
pub use tensor::Tensor;
