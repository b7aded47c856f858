//! PyTorch's CPU random stream, bit for bit, in pure safe Rust.
//!
//! The same seed and the same calls give the numbers that PyTorch 2.15 gives:
//!
//! ```
//! use torch_rng::{Generator, Source};
//!
//! // g = torch.Generator().manual_seed(42)
//! let mut generator = Generator::manual_seed(42);
//!
//! // torch.randn(3, generator=g)
//! let mut normals = [0_f32; 3];
//! generator.normal(0.0, 1.0, &mut normals);
//! assert_eq!(normals, [0.33669037, 0.1288094, 0.23446237]);
//!
//! // torch.empty(2).uniform_(-1, 1, generator=g)
//! let mut uniforms = [0_f32; 2];
//! generator.uniform(-1.0, 1.0, &mut uniforms);
//! assert_eq!(uniforms, [0.8815429, -0.73362815]);
//!
//! // torch.randint(0, 27, (4,), generator=g)
//! let mut letters = [0; 4];
//! generator.randint(0, 27, &mut letters);
//! assert_eq!(letters, [13, 22, 8, 9]);
//!
//! // torch.randperm(5, generator=g)
//! assert_eq!(generator.randperm(5), [1, 0, 4, 2, 3]);
//! ```
//!
//! # Scope
//! - `rand`, `uniform_`, `randn`, `normal_` in single and double precision; `randint`, `randperm` of 64-bit integers.
//! - Single precision and integers have PyTorch's bits on every platform, with and without vector instructions.
//!   Double-precision uniforms too; double-precision normals are within 4 ε, because PyTorch takes their logarithm,
//!   sine and cosine from the platform.
//! - [`Source`], the trait by which a program takes its numbers from any generator; with the feature `rand` that is
//!   every `rand::Rng`.
//!
//! # Non-goals
//! - Other devices, half precision, and tensors that are not contiguous, for which PyTorch has other algorithms.
//! - PyTorch's other numbers. Built without AVX2, or run on a CPU without it, PyTorch itself differs: an ulp in
//!   normals of sixteen and more, and in uniforms with bounds. Releases differ too: in older ones `uniform_`
//!   could return its upper bound, and `randint` drew single words up to a range of 2³².
//! - Samplers that PyTorch leaves to MKL where it is built with it.
//! - Secrets: MT19937 is predictable.
//!
//! # Sources
//! The engine is MT19937 (M. Matsumoto and T. Nishimura, 1998), the elementary functions are those of Cephes
//! (S. Moshier). The order of the draws follows PyTorch's `DistributionTemplates.h`, `DistributionsHelper.h` and
//! `TensorFactories.cpp`; the record in `tests/reference` holds this crate to it.

#[cfg(feature = "rand")]
mod any_rng;
mod check;
mod generator;
mod integer;
mod mt19937;
mod normal;
mod polynomial;
mod source;
mod uniform;

pub use generator::Generator;
pub use source::Source;
