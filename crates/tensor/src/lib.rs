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
//! **Scope.** What a fully connected network needs, forwards and backwards: elementwise maps, row
//! gathers and scatters, sums, the three products `a·b`, `a·bᵀ`, `aᵀ·b`, the QR factorisation, and
//! [`Activation`] with its slope. One path for elementwise loops and one for products, both dispatched to AVX2 and AVX-512 at run
//! time. NaN and infinity are data and pass through.
//!
//! **Out of scope.** Views, strides, broadcasting beyond a row or a column, integers, devices, threads but for large
//! products (with the feature `rayon`), and randomness: a tensor is filled by whoever makes it.
//!
//! **Errors.** Data that enters with a shape is checked and refused as a [`ShapeError`]. Arithmetic on
//! shapes that the program chose panics at the caller's line with the same text.

mod activation;
mod blocks;
mod call;
mod columns;
mod dual;
mod functions;
mod matmul;
mod pool;
mod qr;
mod real;
mod rows;
mod shape;
mod simd;
mod softmax;
mod sum;
mod svd;
mod tensor;
mod threads;

pub use activation::{Activation, ActivationError};
pub use call::{Call, CallError};
pub use dual::Dual;
pub use pool::Pool;
pub use real::Real;
pub use shape::{Shape, ShapeError};
pub use simd::dispatch;
pub use tensor::Tensor;
