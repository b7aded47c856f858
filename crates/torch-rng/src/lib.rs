//! PyTorch's CPU random stream, bit for bit, in pure safe Rust.
//!
//! The same seed and the same calls give the numbers that PyTorch 2.15 gives:
//!
//! ```
//! use torch_rng::{Generator, Replacement, Source};
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
//!
//! // torch.multinomial(torch.tensor([1., 2., 3.]), 4, replacement=True, generator=g)
//! let mut indices = [0; 4];
//! generator.multinomial(&[1_f32, 2.0, 3.0], Replacement::With, &mut indices)?;
//! assert_eq!(indices, [0, 0, 1, 2]);
//!
//! // g.get_state(), and g.set_state(…)
//! let saved = generator.state();
//! assert_eq!(Generator::from_state(&saved)?, generator);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Scope
//! - Through [`Source`]: `rand`, `uniform_`, `randn`, `normal_`, `randperm`. By methods of [`Generator`]: `randint`,
//!   `randperm`, `bernoulli`, `exponential_`, `multinomial`. Real numbers and weights are `f32` or `f64` ([`Float`]),
//!   integers `i64`, indices and counts `usize`.
//! - The generator's state in PyTorch's bytes, to save and to restore.
//! - [`Source`], the trait through which a program draws from any generator. With the feature `rand`, every `rand::Rng`
//!   is one.
//! - With the feature `half`, uniform and normal numbers in half precision, by `uniform_half` and `normal_half`.
//! - [`find_seed`], the seed from which a tensor was drawn, and [`TensorDraw::continues`], the tensors behind it.
//! - [`python::Random`], Python's own `random`, with which PyTorch programs shuffle their data.
//!
//! All numbers have PyTorch's bits on every platform, with and without vector instructions, with one exception:
//! double-precision normals and exponentials are within 4 ε, because PyTorch takes their logarithm, sine and cosine
//! from the platform. Numbers that are rounded from those, such as single-precision exponentials, are almost always
//! equal: of 2²⁴ none differed.
//!
//! # Differences between platforms
//! The bits here are those of x86-64 with AVX2 or AVX-512. On other CPUs PyTorch 2.15 differs as follows, measured on
//! 100,000 numbers of each kind (aarch64 emulated, with NEON and with SVE; AVX2 disabled by
//! `ATEN_CPU_CAPABILITY=default`):
//!
//! | Numbers | aarch64 | x86-64 without AVX2 |
//! |---|---|---|
//! | normal f32, draws of 16 and more | 38% differ, by up to 2·10⁻⁶ | the same 38% |
//! | uniform on \[−2, 3) | none | 37% differ, by up to an ulp of 3 |
//! | normal f64 of other moments than 0 and 1, draws below 16 | none | 34% differ, by one rounding |
//! | all others here | none | none |
//!
//! # Differences between releases
//! | Calls on the CPU | older releases built with MKL, such as 2.4 | 2.15, with and without MKL |
//! |---|---|---|
//! | `bernoulli_(p)` with a number p, `exponential_` | MKL's stream, seeded by a draw | this stream |
//! | `multinomial` without replacement, or of one sample | the same, because it uses exponentials | this stream |
//! | `torch.bernoulli(p)` with a tensor p, `multinomial` with replacement, all others here | this stream | this stream |
//!
//! MKL's stream repeated itself ([pytorch#132395](https://github.com/pytorch/pytorch/issues/132395)) and was switched
//! off in 2025 ([pytorch#146174](https://github.com/pytorch/pytorch/pull/146174)). The column of older releases is from
//! those threads and not measured. That 2.15 uses this stream was measured, by its numbers and by its generator's
//! state, on wheels with MKL (x86-64) and without (aarch64).
//!
//! # Non-goals
//! - Other devices, and tensors that are not contiguous: PyTorch has other algorithms for them.
//! - The numbers of other platforms and releases, as in the tables above. In older releases, `uniform_` could also
//!   return its upper bound, `randint` drew single words up to a range of 2³², and `randperm` had one algorithm for all
//!   lengths.
//! - Secrets: MT19937 is predictable.
//!
//! # Sources
//! The engine is MT19937 (M. Matsumoto and T. Nishimura, 1998); the elementary functions are those of Cephes (S.
//! Moshier). The order of the draws follows PyTorch's `DistributionTemplates.h`, `DistributionsHelper.h`,
//! `TensorFactories.cpp`, `Distributions.cpp` and `MultinomialKernel.cpp`, the state `CPUGeneratorImpl.cpp`, and
//! Python's numbers `random.py` and `_randommodule.c`. The tests compare with the numbers recorded in
//! `tests/reference`.

#[cfg(feature = "rand")]
mod any_rng;
mod bernoulli;
mod check;
mod exponential;
mod float;
mod generator;
#[cfg(feature = "half")]
mod half;
mod integer;
mod mt19937;
mod multinomial;
mod normal;
mod polynomial;
pub mod python;
mod seed_search;
mod source;
mod state;
mod uniform;

pub use bernoulli::ProbabilityError;
pub use float::Float;
pub use generator::Generator;
#[cfg(feature = "half")]
pub use half::Half;
pub use multinomial::{Replacement, WeightsError};
pub use seed_search::{DrawnTensor, TensorDraw, find_seed};
pub use source::Source;
pub use state::StateError;
