//! Padding, strides and pooling of a convolution with a kernel of 3 × 3.

use mean_field::{Activation, ConvAxis, Pooled, gradient_per_element};
use torch_rng::Source;

use super::Comparison;
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

const SIZE: usize = 8;
const CHANNELS: usize = 8;
const DRAWS: usize = 200;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "convolutions",
    title: "What padding, strides and pooling do to squares",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed);
        let mut draw = |of: &mut dyn FnMut(&mut dyn Source<f32>) -> f64| {
            (0..DRAWS).map(|_| of(&mut *source)).collect::<Vec<f64>>()
        };
        let axis = ConvAxis { size: SIZE, kernel: 3, stride: 1, padding: 1, dilation: 1 };
        let relu = (Activation::Relu, (0.0, 1.0), 4);
        let mut comparison = Comparison::new();
        let padded = draw(&mut |source| forward(source));
        comparison.row("8 × 8, zero padding", "signal kept, squared", axis.padding_factor().powi(2), &padded);
        for outputs in [CHANNELS, 2 * CHANNELS] {
            let theory = gradient_per_element(CHANNELS, outputs, 4.0);
            let measured = draw(&mut |source| strided(outputs, source));
            let name = format!("stride 2, {CHANNELS} → {outputs} channels");
            comparison.row(&name, "rms gradient per element", theory, &measured);
        }
        let average = Pooled::average(relu.0, relu.1, relu.2).second;
        let largest = Pooled::max(relu.0, relu.1, relu.2).map_or(f64::NAN, |pooled| pooled.second);
        let mean = |window: &[f64]| window.iter().sum::<f64>() / window.len() as f64;
        let max = |window: &[f64]| window.iter().copied().fold(0.0, f64::max);
        comparison.row("average pooling of relu(z), 2 × 2", "E y²", average, &draw(&mut |s| pooled(mean, s)));
        comparison.row("max pooling of relu(z), 2 × 2", "E y²", largest, &draw(&mut |s| pooled(max, s)));
        Output::table(comparison.0).notes([format!(
            "Weights of variance 1/fan-in; {DRAWS} draws. Strides on a torus, without edges."
        )])
    },
};

fn normal(n: usize, std: f64, source: &mut dyn Source<f32>) -> Vec<f64> {
    let mut values = vec![0.0; n];
    source.normal(0.0, std, &mut values);
    values.into_iter().map(f64::from).collect()
}

fn mean_square(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
}

/// The squares that a padded convolution keeps: outputs over inputs.
fn forward(source: &mut dyn Source<f32>) -> f64 {
    let x = normal(CHANNELS * SIZE * SIZE, 1.0, source);
    let weight = normal(CHANNELS * CHANNELS * 9, (1.0 / (9 * CHANNELS) as f64).sqrt(), source);
    let mut outputs = Vec::new();
    for (out, i, j) in places(CHANNELS, SIZE) {
        let mut sum = 0.0;
        for (input, a, b) in places(CHANNELS, 3) {
            // Shifted by the padding of 1.
            let (row, column) = (i + a, j + b);
            if (1..=SIZE).contains(&row) && (1..=SIZE).contains(&column) {
                let at = (input * SIZE + row - 1) * SIZE + column - 1;
                sum += weight[((out * CHANNELS + input) * 3 + a) * 3 + b] * x[at];
            }
        }
        outputs.push(sum);
    }
    mean_square(&outputs) / mean_square(&x)
}

/// The root mean square of the gradient at the inputs of a convolution of stride 2 over that at its outputs.
fn strided(channels: usize, source: &mut dyn Source<f32>) -> f64 {
    let half = SIZE / 2;
    let gradient = normal(channels * half * half, 1.0, source);
    let weight = normal(channels * CHANNELS * 9, (1.0 / (9 * CHANNELS) as f64).sqrt(), source);
    let mut back = vec![0.0; CHANNELS * SIZE * SIZE];
    for (out, i, j) in places(channels, half) {
        for (input, a, b) in places(CHANNELS, 3) {
            let at = (input * SIZE + (2 * i + a) % SIZE) * SIZE + (2 * j + b) % SIZE;
            back[at] +=
                weight[((out * CHANNELS + input) * 3 + a) * 3 + b] * gradient[(out * half + i) * half + j];
        }
    }
    (mean_square(&back) / mean_square(&gradient)).sqrt()
}

/// Every channel, row and column.
fn places(channels: usize, size: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..channels * size * size).map(move |at| (at / (size * size), at / size % size, at % size))
}

/// The mean square of pooled `relu`s of standard normal numbers.
fn pooled(pool: fn(&[f64]) -> f64, source: &mut dyn Source<f32>) -> f64 {
    let relus: Vec<f64> = normal(4 * 1000, 1.0, source).into_iter().map(|z| z.max(0.0)).collect();
    mean_square(&relus.chunks(4).map(pool).collect::<Vec<_>>())
}
