//! Predictions against random networks.

use mean_field::{Activation, Gated, Layer, Prediction, correlations, predict};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use tensor::Tensor;

const SATURATION: f64 = 0.9;

pub(crate) fn normals(rng: &mut ChaCha8Rng, rows: usize, columns: usize, std: f64) -> Tensor<f64> {
    let draw = |_| std * Distribution::<f64>::sample(&StandardNormal, rng);
    Tensor::from_vec((0..rows * columns).map(draw).collect(), [rows, columns]).unwrap()
}

pub(crate) fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}

pub(crate) fn second(x: &Tensor<f64>) -> f64 {
    mean(x.data().iter().map(|x| x * x))
}

fn fraction(x: &Tensor<f64>, is: impl Fn(f64) -> bool) -> f64 {
    mean(x.data().iter().map(|&x| f64::from(u8::from(is(x)))))
}

/// The second moment of every row.
fn seconds(x: &Tensor<f64>) -> Vec<f64> {
    let width = x.shape().dims()[1];
    x.data().chunks(width).map(|row| mean(row.iter().map(|x| x * x))).collect()
}

/// The cosine similarity of the first two rows.
pub(crate) fn cosine(x: &Tensor<f64>) -> f64 {
    let (width, sizes) = (x.shape().dims()[1], seconds(x));
    let (one, two) = x.data().split_at(width);
    mean(one.iter().zip(&two[..width]).map(|(a, b)| a * b)) / (sizes[0] * sizes[1]).sqrt()
}

/// The statistics of a layer, measured or predicted, as one list.
type LayerNumbers = Vec<f64>;

fn predicted(numbers: &Prediction, correlation: f64) -> LayerNumbers {
    let Prediction { variance, mean, rms, saturated, zeros, chi, backward, .. } = *numbers;
    vec![variance, mean, rms * rms, saturated.unwrap_or(0.0), zeros, correlation, chi, backward]
}

/// The statistics of one network: forwards with a random tangent, backwards with a random gradient at the last
/// activations.
fn measured(layers: &[Layer], input: &Tensor<f64>, seed: u64) -> Vec<LayerNumbers> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let rows = input.shape().dims()[0];
    let mut x = input.clone();
    let mut tangent = normals(&mut rng, rows, layers[0].inputs, 1.0);
    let (mut numbers, mut kept) = (Vec::new(), Vec::new());
    for layer in layers {
        let weight = normals(&mut rng, layer.inputs, layer.units, layer.weight_std);
        let bias = normals(&mut rng, 1, layer.units, layer.bias_std);
        let pre = x.matmul(&weight).add_row(&bias.reshape([layer.units]));
        let (post, slope) = layer.activation.apply(&pre);
        let moved = tangent.matmul(&weight).mul(&slope);
        let chi = second(&moved) / second(&tangent);
        let (lo, hi) = (if layer.activation == Activation::Sigmoid { 0.0 } else { -1.0 }, 1.0);
        let far = |a: f64| (a - f64::midpoint(lo, hi)).abs() > SATURATION * (hi - lo) / 2.0;
        let bounded = matches!(layer.activation, Activation::Sigmoid | Activation::Tanh);
        let saturated = if bounded { fraction(&post, far) } else { 0.0 };
        let first = mean(post.data().iter().copied());
        let zeros = fraction(&post, |a| a == 0.0);
        numbers.push(vec![second(&pre), first, second(&post), saturated, zeros, cosine(&pre), chi]);
        kept.push((weight, slope));
        (x, tangent) = (post, moved);
    }
    let mut gradient = normals(&mut rng, rows, layers[layers.len() - 1].units, 1.0);
    for ((weight, slope), numbers) in kept.iter().zip(&mut numbers).rev() {
        let before = gradient.mul(slope).matmul_nt(weight);
        numbers.push(second(&before) / second(&gradient));
        gradient = before;
    }
    numbers
}

/// The largest distance of a mean over seeds from its prediction, in standard errors, and its location.
///
/// A standard error counts as at least 1e-12, because some numbers do not vary.
fn worst(layers: &[Layer], input: &Tensor<f64>, expected: &[LayerNumbers], seeds: u64) -> (f64, String) {
    let networks: Vec<Vec<LayerNumbers>> = (0..seeds).map(|seed| measured(layers, input, seed)).collect();
    let mut worst = (0.0, String::new());
    for (layer, expected) in expected.iter().enumerate() {
        for (number, expected) in expected.iter().enumerate() {
            let values = networks.iter().map(|network| network[layer][number]);
            let average = mean(values.clone());
            let variance = values.map(|x| (x - average).powi(2)).sum::<f64>() / (seeds - 1) as f64;
            let errors = (average - expected) / (variance / seeds as f64).sqrt().max(1e-12);
            if errors.abs() > worst.0 || errors.is_nan() {
                let what = format!("layer {layer}, number {number}: {average}, predicted {expected}");
                worst = (errors.abs(), what);
            }
        }
    }
    worst
}

/// Rows with the same second moment; the cosine similarity of the first two is about c.
fn inputs(rows: usize, columns: usize, c: f64) -> Tensor<f64> {
    let mut input = normals(&mut ChaCha8Rng::seed_from_u64(99), rows, columns, 1.0);
    for column in 0..columns {
        let data = input.data_mut();
        data[columns + column] = c * data[column] + (1.0 - c * c).sqrt() * data[columns + column];
    }
    let sizes = seconds(&input);
    for (row, size) in input.data_mut().chunks_mut(columns).zip(sizes) {
        row.iter_mut().for_each(|x| *x *= 1.3 / size.sqrt());
    }
    input
}

/// Three layers, 200 → 1000 → 800 → 1000.
fn network(activation: Activation, gain: f64, bias_std: f64) -> Vec<Layer> {
    [(200_usize, 1000), (1000, 800), (800, 1000)]
        .map(|(inputs, units)| Layer {
            inputs,
            units,
            weight_std: gain / (inputs as f64).sqrt(),
            bias_std,
            activation,
        })
        .to_vec()
}

fn expected(layers: &[Layer], input: &Tensor<f64>) -> Vec<LayerNumbers> {
    let sizes = seconds(input);
    let pairs = correlations(layers, (sizes[0], sizes[1]), cosine(input));
    predict(layers, &sizes, SATURATION).iter().zip(pairs).map(|(numbers, c)| predicted(numbers, c)).collect()
}

/// 24 numbers per network, each within five standard errors of 20 seeds, which Student's t with 19 degrees of freedom
/// exceeds once in 12,000. The corrections to the theory are of size 1/width, less than half of a standard error.
#[test]
fn wide_networks_agree_with_the_prediction() {
    let input = inputs(4, 200, 0.6);
    for (activation, gain, bias_std) in
        [(Activation::Tanh, 1.8, 0.2), (Activation::Relu, 1.5, 0.3), (Activation::Sigmoid, 4.0, 1.0)]
    {
        let layers = network(activation, gain, bias_std);
        let (errors, what) = worst(&layers, &input, &expected(&layers, &input), 20);
        assert!(errors < 5.0, "{activation}: {errors} standard errors in {what}");
    }
}

/// The second moment of `u·φ(g)` and the growth of the gradient's on the way back to the common input of u and g, whose
/// weights have variance 1/width; measured on one network.
fn measured_pair(gate: Activation, width: usize, rng: &mut ChaCha8Rng) -> [f64; 2] {
    let mut weight = || normals(rng, width, width, 1.0 / (width as f64).sqrt());
    let (to_value, to_gate) = (weight(), weight());
    let x = inputs(4, width, 0.0);
    let x = x.map(|x| x / 1.3);
    let (u, (open, slope)) = (x.matmul(&to_value), gate.apply(&x.matmul(&to_gate)));
    let gradient = normals(rng, 4, width, 1.0);
    let back = gradient.mul(&open).matmul_nt(&to_value);
    let back = back.add(&gradient.mul(&u).mul(&slope).matmul_nt(&to_gate));
    [second(&u.mul(&open)), second(&back) / second(&gradient)]
}

/// The largest distance of the means over seeds from a prediction, in standard errors.
pub(crate) fn errors(seeds: u64, expected: &[f64], measure: &dyn Fn(&mut ChaCha8Rng) -> Vec<f64>) -> f64 {
    let measured: Vec<Vec<f64>> =
        (0..seeds).map(|seed| measure(&mut ChaCha8Rng::seed_from_u64(seed))).collect();
    let errors = expected.iter().enumerate().map(|(number, expected)| {
        let values = measured.iter().map(|measured| measured[number]);
        let average = mean(values.clone());
        let variance = values.map(|x| (x - average).powi(2)).sum::<f64>() / (seeds - 1) as f64;
        ((average - expected) / (variance / seeds as f64).sqrt().max(1e-12)).abs()
    });
    errors.fold(0.0, |worst, error| if error.is_nan() { f64::INFINITY } else { f64::max(worst, error) })
}

/// The largest distance for a gated pair, over 20 seeds.
fn worst_of_pair(gate: Activation, expected: Gated) -> f64 {
    errors(20, &[expected.rms.powi(2), expected.backward], &|rng| measured_pair(gate, 600, rng).to_vec())
}

/// Eight numbers, each within five standard errors of 20 seeds, as above.
#[test]
fn gated_pairs_agree_with_the_prediction() {
    for gate in [Activation::Sigmoid, Activation::Silu, Activation::Gelu, Activation::Relu] {
        let errors = worst_of_pair(gate, Gated::of(gate, 1.0));
        assert!(errors < 5.0, "{gate}: {errors} standard errors");
    }
    let errors = worst_of_pair(Activation::Gelu, Gated::of(Activation::Relu, 1.0));
    assert!(errors > 10.0, "another gate is rejected: {errors} standard errors");
}

#[test]
fn weights_ten_percent_too_large_are_detected() {
    let input = inputs(4, 200, 0.6);
    let layers = network(Activation::Tanh, 1.8, 0.2);
    let wrong = expected(&network(Activation::Tanh, 1.98, 0.2), &input);
    let (errors, _) = worst(&layers, &input, &wrong, 10);
    assert!(errors > 10.0, "{errors} standard errors");
}

/// The lecture's network: 32 inputs of 30 normal features, five tanh layers of 100 at 5/3.
///
/// A width of 100 changes the second moments by 0.3%, which is one standard error of 60 seeds; 1,000 would detect it.
#[test]
fn the_lectures_network_agrees_with_the_prediction() {
    let input = normals(&mut ChaCha8Rng::seed_from_u64(7), 32, 30, 1.0);
    let layer = |inputs: usize| Layer {
        inputs,
        units: 100,
        weight_std: 5.0 / 3.0 / (inputs as f64).sqrt(),
        bias_std: 0.0,
        activation: Activation::Tanh,
    };
    let layers = [&[layer(30)][..], &[layer(100); 4]].concat();
    let no_pair = |numbers: &Prediction| predicted(numbers, 0.0)[..5].to_vec();
    let each: Vec<LayerNumbers> =
        predict(&layers, &seconds(&input), SATURATION).iter().map(no_pair).collect();
    let (errors, what) = worst(&layers, &input, &each, 60);
    assert!(errors < 5.0, "{errors} standard errors in {what}");
    // With one second moment for all inputs, the first layer is off by 1%.
    let one: Vec<LayerNumbers> =
        predict(&layers, &[second(&input)], SATURATION).iter().map(no_pair).collect();
    assert!((one[0][2] / each[0][2] - 1.0).abs() > 0.005, "{} and {}", one[0][2], each[0][2]);
}
