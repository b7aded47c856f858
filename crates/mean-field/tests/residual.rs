//! Networks with shortcuts, against recorded quadrature and samples.

use mean_field::{Activation, Gpt2Stream, pre_norm_gradient, pre_norm_stream, residual_growth};
use rand_chacha::ChaCha8Rng;
use tensor::Tensor;

use crate::monte_carlo::{errors, mean, normals, second};

#[test]
fn scaled_branches() {
    for (shortcut, branch, gain, growth) in [
        (1.0, 1.0, 1.0, 2.0),
        (0.5_f64.sqrt(), 0.5_f64.sqrt(), 1.0, 1.0),
        (1.0, 1.0 / 32_f64.sqrt(), 1.0, 1.03125),
        (1.0, 0.0, 1.0, 1.0),
        (1.0, 1.0, 2.0, 3.0),
    ] {
        assert!((residual_growth(shortcut, branch, gain) - growth).abs() < 1e-15, "{shortcut}, {branch}");
    }
}

/// Four blocks `h + α·W₂·relu(W₁h)` with He's weights on W₁ alone, g = 1, forwards and backwards.
fn blocks(branch: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let width = 200;
    let mut h = normals(rng, 4, width, 1.0);
    let mut kept = Vec::new();
    for _ in 0..4 {
        let first = normals(rng, width, width, (2.0 / width as f64).sqrt());
        let last = normals(rng, width, width, 1.0 / (width as f64).sqrt());
        let pre = h.matmul(&first);
        h = h.add(&pre.map(|x| x.max(0.0)).matmul(&last).map(|x| branch * x));
        kept.push((first, last, pre));
    }
    let start = normals(rng, 4, width, 1.0);
    let mut gradient = start.clone();
    for (first, last, pre) in kept.iter().rev() {
        let inner = gradient.matmul_nt(last).mul(&pre.map(|x| if x > 0.0 { branch } else { 0.0 }));
        gradient = gradient.add(&inner.matmul_nt(first));
    }
    vec![second(&h), second(&gradient) / second(&start)]
}

#[test]
fn shortcuts_agree_with_random_networks() {
    for branch in [1.0, 0.3] {
        let growth = residual_growth(1.0, branch, 1.0).powi(4);
        let worst = errors(20, &[growth, growth], &|rng| blocks(branch, rng));
        assert!(worst < 5.0, "{branch}: {worst} standard errors");
    }
    let wrong = residual_growth(1.0, 1.0, 2.0).powi(4);
    assert!(errors(20, &[wrong, wrong], &|rng| blocks(1.0, rng)) > 5.0);
}

/// The measured ratios are 1 to 4% above √(1 + L), which is theirs at infinite width.
#[test]
fn gradients_of_pre_norm_networks() {
    for (blocks, exact, measured) in [(8, 3.0, 3.04), (32, 5.745, 5.99), (64, 8.062, 8.35)] {
        let ratio = pre_norm_gradient(1.0, 1.0, 0, blocks);
        assert!((ratio - exact).abs() < 1e-3 && (measured / ratio - 1.0).abs() < 0.05, "{blocks}: {ratio}");
    }
    assert_eq!((pre_norm_stream(0.5, 2.0, 3), pre_norm_gradient(1.0, 3.0, 5, 5)), (6.5, 1.0));
}

/// Five decimals, computed by other quadrature for GELU without approximation, and measured values (four seeds).
#[test]
fn the_stream_of_gpt2() {
    let activation = Activation::Gelu;
    for (layers, rms, cosine, measured) in [
        (6, [0.11039, 0.19813, 0.28913], 0.520, [0.298, 0.545]),
        (12, [0.08051, 0.20250, 0.29405], 0.557, [0.299, 0.566]),
        (24, [0.06030, 0.20579, 0.29784], 0.591, [0.301, 0.595]),
    ] {
        let model = Gpt2Stream { width: 768, layers, std: 0.02, tokens: 64, epsilon: 1e-5, activation };
        let stream = model.moments();
        assert_eq!(stream.len(), layers + 1);
        assert_eq!(format!("{:.4}", stream[0].rms), "0.0283");
        for (block, exact) in [1, layers / 2, layers].into_iter().zip(rms) {
            assert!((stream[block].rms - exact).abs() < 6e-6, "{layers}: {:?} at {block}", stream[block]);
        }
        let last = stream[layers];
        assert!((last.cosine - cosine).abs() < 6e-4, "{layers}: {last:?}");
        assert!((measured[0] / last.rms - 1.0).abs() < 0.035 && (measured[1] - last.cosine).abs() < 0.03);
    }
    let one = Gpt2Stream { width: 768, layers: 2, std: 0.02, tokens: 1, epsilon: 1e-5, activation }.moments();
    assert!(one[2].rms > 0.0 && one[2].cosine.is_nan(), "there is no second token");
}

/// Rows with mean 0 and variance 1.
fn layer_norm(x: &Tensor<f64>, epsilon: f64) -> Tensor<f64> {
    let width = x.shape().dims()[1];
    let mut y = x.clone();
    for row in y.data_mut().chunks_mut(width) {
        let centre = mean(row.iter().copied());
        let std = (mean(row.iter().map(|x| (x - centre).powi(2))) + epsilon).sqrt();
        row.iter_mut().for_each(|x| *x = (*x - centre) / std);
    }
    y
}

/// A GPT-2 with uniform causal attention of one head.
fn gpt2(model: Gpt2Stream, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let Gpt2Stream { width, layers, std, tokens, epsilon, activation } = model;
    let end = std / (2.0 * layers as f64).sqrt();
    let mut x = normals(rng, tokens, width, std * 2_f64.sqrt());
    for _ in 0..layers {
        let values = layer_norm(&x, epsilon).matmul(&normals(rng, width, width, std));
        let mut sum = vec![0.0; width];
        let mut averages = values.clone();
        for (t, row) in averages.data_mut().chunks_mut(width).enumerate() {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += *value;
                *value = *sum / (t + 1) as f64;
            }
        }
        x = x.add(&averages.matmul(&normals(rng, width, width, end)));
        let hidden = layer_norm(&x, epsilon).matmul(&normals(rng, width, 4 * width, std));
        let hidden = activation.apply(&hidden).0;
        x = x.add(&hidden.matmul(&normals(rng, 4 * width, width, end)));
    }
    let features: Vec<f64> =
        (0..width).map(|j| x.data().iter().skip(j).step_by(width).sum::<f64>()).collect();
    let (q, count) = (second(&x), tokens as f64);
    let p = (mean(features.iter().map(|x| x * x)) - count * q) / (count * (count - 1.0));
    vec![q, p]
}

/// Three blocks of width 128, 16 tokens, within five standard errors of 20 seeds.
#[test]
fn the_stream_agrees_with_random_transformers() {
    let model = Gpt2Stream {
        width: 128,
        layers: 3,
        std: 0.05,
        tokens: 16,
        epsilon: 1e-5,
        activation: Activation::GeluTanh,
    };
    let expected = |model: Gpt2Stream| {
        let last = model.moments()[3];
        let q = last.rms * last.rms;
        [q, q * last.cosine]
    };
    let worst = errors(20, &expected(model), &|rng| gpt2(model, rng));
    assert!(worst < 5.0, "{worst} standard errors");
    let wrong = Gpt2Stream { std: 0.055, ..model };
    assert!(errors(20, &expected(wrong), &|rng| gpt2(model, rng)) > 5.0);
}
