//! What a training step allocates once its tape is warm, and what a deep network holds.

use allocation_counter::measure;
use autograd::Tape;
use tensor::{Activation, Tensor};

/// `depth` tanh layers of 20 units on a batch of 8, a lookup in front and a loss behind: forwards and backwards.
fn step(tape: &Tape, parameters: &[Tensor], inputs: &[usize], targets: &[usize], depth: usize) -> f32 {
    let mut h = tape.leaf(parameters[0].clone()).gather(inputs);
    let (w, b) = (tape.leaf(parameters[1].clone()), tape.leaf(parameters[2].clone()));
    for _ in 0..depth {
        h = h.linear(w, b).activation(Activation::Tanh);
    }
    let loss = h.cross_entropy(targets);
    loss.backward().get(w).unwrap().data()[0] + loss.value().item()
}

fn parameters() -> [Tensor; 3] {
    [Tensor::full([27, 20], 0.1), Tensor::full([20, 20], 0.05), Tensor::zeros([20])]
}

#[test]
fn a_warm_step_allocates_the_pullbacks_and_the_lists_of_indices() {
    let (mut tape, parameters, depth) = (Tape::new(), parameters(), 5);
    let (inputs, targets) = ([0, 3, 3, 26, 9, 1, 0, 14], [1, 0, 5, 9, 14, 2, 2, 19]);
    let mut counts = Vec::new();
    for _ in 0..4 {
        let one = measure(|| {
            step(&tape, &parameters, &inputs, &targets, depth);
            tape.clear();
        });
        counts.push(one.count_total);
    }
    // One box for each node that an op made, and what `gather` and `cross_entropy` keep of their indices.
    let pullbacks = 1 + 2 * depth as u64 + 1;
    assert_eq!(counts[1..], [pullbacks + 2; 3]);
    assert!(counts[0] > 3 * counts[1], "the first step makes the room: {counts:?}");
}

/// Bytes held at the highest point of a first step.
fn peak(depth: usize) -> f64 {
    let (tape, parameters) = (Tape::new(), parameters());
    measure(|| {
        step(&tape, &parameters, &[1; 8], &[2; 8], depth);
    })
    .bytes_max as f64
}

/// A layer keeps three matrices of its batch (`h·W + b`, f and f′ of it) and two of gradients; nodes, pullbacks and
/// shapes come on top, some 400 bytes each.
#[test]
fn memory_grows_with_depth_by_five_matrices_a_layer() {
    let [quarter, half, whole] = [250, 500, 1000].map(peak);
    let (first, second) = ((half - quarter) / 250.0, (whole - half) / 500.0);
    let matrices = (5 * 8 * 20 * size_of::<f32>()) as f64;
    for layer in [first, second] {
        let beside = layer - matrices;
        assert!((0.0..2.0 * 600.0).contains(&beside), "{layer} bytes a layer, {matrices} of them values");
    }
}
