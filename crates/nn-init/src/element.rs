//! The number types of weights.

use tensor::Real;
use torch_rng::Float;

/// The number type of a weight: `f32` or `f64`.
///
/// The one bound that generic code needs. [`Generator`](crate::Generator) and every `rand::Rng` are a
/// [`Source<T>`](crate::Source) for every `T: Element`, and a [`Tensor<T>`](crate::Tensor) holds the values:
///
/// ```
/// use nn_init::{Element, Generator, InitError, Layout, Scheme, Tensor};
///
/// /// A layer's weight, the same for a seed on every machine.
/// fn weight<T: Element>(inputs: usize, outputs: usize, seed: u64) -> Result<Tensor<T>, InitError> {
///     Scheme::he_uniform().sample(&[outputs, inputs], Layout::OUT_IN, &mut Generator::manual_seed(seed))
/// }
/// assert_eq!(weight::<f32>(30, 200, 1)?.shape().dims(), [200, 30]);
/// # Ok::<(), InitError>(())
/// ```
pub trait Element: Real + Float {}

impl<T: Real + Float> Element for T {}
