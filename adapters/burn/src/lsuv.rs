//! Weights scaled by what their layer makes of a batch.

use burn_core::module::Param;
use burn_core::tensor::Tensor;
use nn_init::{Lsuv, LsuvError, LsuvOutcome};

/// Scales a weight until `outputs(weight)`, what its layer makes of a batch, has variance 1; the weight and what it
/// took. Layers in their order, as each sees what those before it give.
///
/// # Errors
/// If the outputs' variance is 0, infinite or NaN, or stays away from 1.
pub fn lsuv<const D: usize, const E: usize>(
    weight: Param<Tensor<D>>,
    outputs: impl Fn(Tensor<D>) -> Tensor<E>,
) -> Result<(Param<Tensor<D>>, LsuvOutcome), LsuvError> {
    let start = weight.val().detach();
    let variance = |factor: f64| {
        let outputs = outputs(start.clone().mul_scalar(factor));
        outputs.flatten::<1>(0, E - 1).var_bias(0).into_scalar::<f64>()
    };
    // All weights share the factor, so it is all that is scaled: they stay on their device.
    let scaled = Lsuv::default().scale(&mut [1.0], |factor: &[f64]| variance(factor[0]))?;
    let end = start.mul_scalar(scaled.factor).detach();
    let weight = weight.map(|old| end.set_require_grad(old.is_require_grad()));
    Ok((weight, scaled))
}
