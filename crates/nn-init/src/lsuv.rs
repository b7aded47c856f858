//! Scales found by running the network.

use std::fmt;

use crate::Element;

/// Layer-sequential unit variance: scales a layer's weights until its outputs have variance 1.
///
/// Each step runs the layer and divides its weights by the standard deviation of what comes out. Take the layers
/// in their order, since the next one sees what the earlier ones give, and start them orthogonal (Mishkin & Matas
/// 2016, algorithm 1). The outputs are those before the activation.
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
/// let done = Lsuv::default().scale(weight.data_mut(), |values| {
///     scaled.data_mut().copy_from_slice(values);
///     variance(x.matmul(&scaled).data())
/// })?;
/// assert!((done.variance - 1.0).abs() < 0.02);
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
    /// How far from 1 the variance may stay; 0.02 unless set, as in the authors' code. The paper fixes none.
    pub tolerance: f64,
    /// The most steps; 20 unless set. A linear layer needs one.
    pub steps: usize,
}

/// What the scaling came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LsuvOutcome {
    /// The outputs' variance under the weights as they are now.
    pub variance: f64,
    /// What all weights were multiplied by.
    pub factor: f64,
    /// Steps taken.
    pub steps: usize,
}

/// Why a layer could not be scaled; the weights are as they were before.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LsuvError {
    /// The outputs do not vary, or are not finite: their variance.
    Variance(f64),
    /// The variance did not come near 1 in the steps allowed: what it was at the end.
    Unreached(f64),
}

impl fmt::Display for LsuvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variance(v) => {
                write!(f, "the layer's outputs have variance {v}: no scale of its weights makes it 1")
            }
            Self::Unreached(v) => {
                write!(
                    f,
                    "the layer's outputs have variance {v} after the last step: allow more steps or a wider tolerance"
                )
            }
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
    /// If the outputs' variance is 0, infinite or NaN, or stays away from 1.
    pub fn scale<T: Element>(
        self,
        weights: &mut [T],
        mut variance: impl FnMut(&[T]) -> f64,
    ) -> Result<LsuvOutcome, LsuvError> {
        let start = weights.to_vec();
        let mut done = LsuvOutcome { variance: variance(weights), factor: 1.0, steps: 0 };
        let failure = loop {
            if !(done.variance > 0.0 && done.variance.is_finite()) {
                break LsuvError::Variance(done.variance);
            }
            if (done.variance - 1.0).abs() <= self.tolerance {
                return Ok(done);
            }
            if done.steps == self.steps {
                break LsuvError::Unreached(done.variance);
            }
            done.factor /= done.variance.sqrt();
            for (weight, start) in weights.iter_mut().zip(&start) {
                *weight = T::of(start.to_f64() * done.factor);
            }
            done = LsuvOutcome { variance: variance(weights), steps: done.steps + 1, ..done };
        };
        weights.copy_from_slice(&start);
        Err(failure)
    }
}
