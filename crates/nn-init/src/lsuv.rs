//! Scales found by running the network.

use std::fmt;

use crate::Element;

/// Layer-sequential unit variance: scales a layer's weights until its outputs have variance 1.
///
/// Each step runs the layer and divides its weights by the standard deviation of its outputs, before the activation.
/// Scale the layers in order, because each one reads the outputs of the layers before it, and initialise them as
/// orthogonal (Mishkin & Matas 2016, algorithm 1).
///
/// ```
/// use nn_init::{Layout, Lsuv, Scheme, Tensor};
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
///
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let x: Tensor = Scheme::Normal { mean: 0.0, std: 3.0 }.sample(&[50, 20], Layout::IN_OUT, &mut rng)?;
/// let mut weight: Tensor = Scheme::orthogonal().sample(&[20, 30], Layout::IN_OUT, &mut rng)?;
/// let mut scaled = weight.clone();
///
/// let outcome = Lsuv::default().scale(weight.data_mut(), |values| {
///     scaled.data_mut().copy_from_slice(values);
///     variance(x.matmul(&scaled).data())
/// })?;
/// assert!((outcome.variance - 1.0).abs() < 0.02);
///
/// fn variance(values: &[f32]) -> f64 {
///     let (n, sum) = (values.len() as f64, |f: &dyn Fn(f64) -> f64| values.iter().map(|&x| f(x.into())).sum::<f64>());
///     let mean = sum(&|x| x) / n;
///     sum(&|x| (x - mean).powi(2)) / n
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lsuv {
    /// The distance from 1 at which the variance is accepted. The default is 0.02, as in the authors' code; the paper
    /// gives none.
    pub tolerance: f64,
    /// The maximal number of steps; 20 by default. A linear layer needs one.
    pub steps: usize,
}

/// The result of scaling one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LsuvOutcome {
    /// The variance of the outputs with the weights as they are now.
    pub variance: f64,
    /// The factor by which all weights were multiplied.
    pub factor: f64,
    /// The number of steps taken.
    pub steps: usize,
}

/// The reason why a layer could not be scaled. Its weights are unchanged then.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LsuvError {
    /// The outputs have this variance, which is 0 or not finite.
    Variance(f64),
    /// The outputs still have this variance after the last step.
    Unreached(f64),
}

impl fmt::Display for LsuvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variance(v) => {
                write!(f, "the layer's outputs have variance {v}, which no scale of its weights can make 1")
            }
            Self::Unreached(v) => write!(
                f,
                "the layer's outputs have variance {v} after the last step; allow more steps or a larger tolerance"
            ),
        }
    }
}

impl std::error::Error for LsuvError {}

impl Default for Lsuv {
    fn default() -> Self {
        Self { tolerance: 0.02, steps: 20 }
    }
}

impl Lsuv {
    /// Scales `weights` until `variance(weights)`, the variance of the layer's outputs on a batch, is 1 within the
    /// tolerance.
    ///
    /// # Errors
    /// If the outputs' variance is 0, infinite or NaN, or does not reach 1.
    pub fn scale<T: Element>(
        self,
        weights: &mut [T],
        mut variance: impl FnMut(&[T]) -> f64,
    ) -> Result<LsuvOutcome, LsuvError> {
        let initial = weights.to_vec();
        let mut outcome = LsuvOutcome { variance: variance(weights), factor: 1.0, steps: 0 };
        let failure = loop {
            if !(outcome.variance > 0.0 && outcome.variance.is_finite()) {
                break LsuvError::Variance(outcome.variance);
            }
            if (outcome.variance - 1.0).abs() <= self.tolerance {
                return Ok(outcome);
            }
            if outcome.steps == self.steps {
                break LsuvError::Unreached(outcome.variance);
            }
            outcome.factor /= outcome.variance.sqrt();
            for (weight, initial) in weights.iter_mut().zip(&initial) {
                *weight = T::of(initial.to_f64() * outcome.factor);
            }
            outcome = LsuvOutcome { variance: variance(weights), steps: outcome.steps + 1, ..outcome };
        };
        weights.copy_from_slice(&initial);
        Err(failure)
    }
}
