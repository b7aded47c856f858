//! Networks with batch and layer norm, against recorded quadrature, closed forms and samples.

use mean_field::{Activation, NormScales, batch_norm_growth, large_batch_norm_growth};
use rand_chacha::ChaCha8Rng;
use tensor::Tensor;

use crate::monte_carlo::{errors, mean, normals, second};

/// Half of the last of six decimals.
fn near(value: f64, exact: f64) -> bool {
    (value - exact).abs() < 6e-7
}

/// Six decimals, computed by other quadrature; simulations agree within 0.4%.
#[test]
fn growth_behind_batch_norm() {
    for (activation, growth, large) in [
        (Activation::Identity, [1.2, 1.034_483, 1.008], 1.0),
        (Activation::Relu, [1.788_190, 1.521_953, 1.479_681], 1.466_942),
        (Activation::Tanh, [1.358_548, 1.208_303, 1.184_853], 1.177_807),
        (Activation::Gelu, [1.622_301, 1.371_237, 1.331_000], 1.318_845),
    ] {
        for (batch, exact) in [8, 32, 128].into_iter().zip(growth) {
            let found = batch_norm_growth(activation, batch);
            assert!(near(found, exact), "{activation} at {batch}: {found}");
        }
        assert!(near(large_batch_norm_growth(activation), large), "{activation}");
    }
    // Large batches approach the limit as 1/B.
    let (large, limit) =
        (batch_norm_growth(Activation::Tanh, 100_000), large_batch_norm_growth(Activation::Tanh));
    assert!((large / limit - 1.0).abs() < 1e-5 && large > limit, "{large} and {limit}");
    assert!(
        batch_norm_growth(Activation::Tanh, 3).is_nan() && batch_norm_growth(Activation::Relu, 0).is_nan()
    );
}

#[test]
fn layer_norm_before_and_after() {
    for (activation, before, cosine, after) in [
        (Activation::Relu, 1.0, 1.0, 1.466_942),
        (Activation::Tanh, 1.177_807, 0.0, 1.177_807),
        (Activation::Gelu, 1.072_032, 0.760_402, 1.318_845),
        (Activation::Silu, 1.066_634, 0.658_667, 1.212_081),
    ] {
        let first = NormScales::before(activation);
        assert!(near(first.chi, before) && near(first.cosine, cosine), "{activation}: {first:?}");
        let last = NormScales::layer_after(activation, 1.0);
        assert!(near(last.chi, after) && last.cosine == 0.0, "{activation}: {last:?}");
    }
    let linear =
        (NormScales::before(Activation::Identity), NormScales::layer_after(Activation::Identity, 2.0));
    assert!(near(linear.0.chi, 1.0) && near(linear.1.chi, 1.0));
    assert!(linear.0.cosine.is_nan() && linear.1.cosine.is_nan());
    // ReLU is homogeneous, so that the weights' scale does not matter.
    let (one, four) =
        (NormScales::layer_after(Activation::Relu, 1.0), NormScales::layer_after(Activation::Relu, 4.0));
    assert!((one.chi - four.chi).abs() < 1e-12);
    let lost = NormScales::rms_after(Activation::Tanh, f64::NAN);
    assert!(lost.chi.is_nan() && lost.cosine.is_nan());
}

/// Every column with mean 0 and mean square 1, and its standard deviation before.
fn normalised(columns: &Tensor<f64>) -> (Tensor<f64>, Vec<f64>) {
    let width = columns.shape().dims()[1];
    let mut y = columns.clone();
    let stds = (0..width).map(|j| {
        let column: Vec<f64> = columns.data().iter().skip(j).step_by(width).copied().collect();
        let centre = mean(column.iter().copied());
        let std = mean(column.iter().map(|x| (x - centre).powi(2))).sqrt();
        y.data_mut().iter_mut().skip(j).step_by(width).for_each(|x| *x = (*x - centre) / std);
        std
    });
    let stds = stds.collect();
    (y, stds)
}

/// The gradient in front of a normalisation of columns, from that behind it.
fn back(gradient: &Tensor<f64>, y: &Tensor<f64>, stds: &[f64]) -> Tensor<f64> {
    let width = stds.len();
    let mut before = gradient.clone();
    for (j, std) in stds.iter().enumerate() {
        let column =
            |x: &Tensor<f64>| -> Vec<f64> { x.data().iter().skip(j).step_by(width).copied().collect() };
        let (u, y) = (column(gradient), column(y));
        let centre = mean(u.iter().copied());
        let along = mean(u.iter().zip(&y).map(|(u, y)| u * y));
        let cells = before.data_mut().iter_mut().skip(j).step_by(width);
        cells.zip(&y).for_each(|(u, y)| *u = (*u - centre - y * along) / std);
    }
    before
}

/// The growth of squared gradients by a layer behind batch norm, whose inputs and gradients are those of a deep network:
/// gradients have mean 0 over the batch.
fn growth(activation: Activation, batch: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let width = 300;
    let (first, _) = normalised(&normals(rng, batch, width, 1.0));
    let x = activation.apply(&first).0;
    let weight = normals(rng, width, width, 1.0 / (width as f64).sqrt());
    let (y, stds) = normalised(&x.matmul(&weight));
    let (centred, _) = normalised(&normals(rng, batch, width, 1.0));
    let gradient = back(&centred.mul(&activation.apply(&y).1), &y, &stds).matmul_nt(&weight);
    vec![second(&gradient) / second(&centred)]
}

/// Within five standard errors of 20 seeds.
#[test]
fn batch_norm_agrees_with_random_networks() {
    for (activation, batch) in [(Activation::Tanh, 8), (Activation::Relu, 16), (Activation::Identity, 12)] {
        let exact = batch_norm_growth(activation, batch);
        let worst = errors(20, &[exact], &|rng| growth(activation, batch, rng));
        assert!(worst < 5.0, "{activation} at {batch}: {worst} standard errors");
        let wrong = errors(20, &[exact * 1.1], &|rng| growth(activation, batch, rng));
        assert!(wrong > 5.0, "{activation}: {wrong} standard errors");
    }
}

/// The growth of the squared distance of close inputs by one layer with weights of variance 2/fan-in: layer norm after f, RMS
/// norm after f, layer norm before f.
fn distances(activation: Activation, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let width = 500;
    // Columns are examples here.
    let weight = normals(rng, width, width, (2.0 / width as f64).sqrt());
    let (x, _) = normalised(&normals(rng, width, 4, 1.0));
    let tangent = normals(rng, width, 4, 1.0);
    let (h, moved) = (weight.matmul(&x), weight.matmul(&tangent));
    let (a, slope) = activation.apply(&h);
    let slopes = moved.mul(&slope);
    // The derivative of a norm is its own transpose.
    let (y, stds) = normalised(&a);
    let after = back(&slopes, &y, &stds);
    let (y, stds) = normalised(&h);
    let (normed, slope) = activation.apply(&y);
    let before = back(&moved, &y, &stds).mul(&slope);
    // RMS norm also removes the direction of the activations, one of 500; that is left out here.
    [second(&after), second(&slopes) / second(&a), second(&before) / second(&normed)]
        .map(|distance| distance / second(&tangent))
        .to_vec()
}

#[test]
fn layer_norm_agrees_with_random_networks() {
    let list = |activation, weight| {
        let (after, rms) =
            (NormScales::layer_after(activation, weight), NormScales::rms_after(activation, weight));
        [after.chi, rms.chi, NormScales::before(activation).chi]
    };
    for activation in [Activation::Tanh, Activation::Gelu] {
        let worst = errors(20, &list(activation, 2.0), &|rng| distances(activation, rng));
        assert!(worst < 5.0, "{activation}: {worst} standard errors");
    }
    assert!(errors(20, &list(Activation::Tanh, 1.0), &|rng| distances(Activation::Tanh, rng)) > 5.0);
}
