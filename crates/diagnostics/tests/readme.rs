//! The README's example: its printed report is the one that its function returns.

use diagnostics::{Activation, LayerView, Report, Settings, WeightView};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use tensor::Tensor;

const README: &str = include_str!("../README.md");

/// The README's function.
fn first_layer(inputs: &[f32], pre: &[f32], post: &[f32], weight: &[f32]) -> Report {
    let layer = LayerView::new("fc1", 64, post).pre(pre).activation(Activation::Tanh).weight("fc1.weight");
    let weight = WeightView::new("fc1.weight", weight).shape(&[32, 64], 1);
    Report::of([layer], [weight], Settings::default()).with_inputs(32, inputs)
}

#[test]
fn the_readme_prints_what_its_function_returns() {
    let mut normal = StandardNormal.sample_iter(ChaCha8Rng::seed_from_u64(0));
    let mut draw = |rows: usize, columns: usize| {
        let values: Vec<f32> = normal.by_ref().take(rows * columns).collect();
        Tensor::from_vec(values, [rows, columns]).unwrap()
    };
    let (inputs, weight) = (draw(128, 32), draw(32, 64));
    let pre = inputs.matmul(&weight);
    let post = pre.map(f32::tanh);
    let report = first_layer(inputs.data(), pre.data(), post.data(), weight.data());
    assert!(README.contains(&format!("```text\n{report}```")), "{report}");
    // The function is the README's too, but for its comment.
    let source = include_str!("readme.rs").split_once("fn first_layer").unwrap().1;
    let function = source.split_once("\n}\n").unwrap().0;
    assert!(README.contains(function), "{function}");
}
