//! The allocations of a training step on a warm tape, and the memory of a deep network.

use allocation_counter::measure;
use autograd::{Activation, Tape, Tensor};

/// The forward and backward pass of a lookup, `depth` tanh layers of 20 units and a loss, on a batch of 8.
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
fn a_warm_step_allocates_only_pullbacks_and_lists_of_indices() {
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
    // One box per op, one list of indices in `cross_entropy`, and two in `gather`: its own, and the counts of the pullback.
    let pullbacks = 1 + 2 * depth as u64 + 1;
    assert_eq!(counts[1..], [pullbacks + 3; 3]);
    assert!(counts[0] > 3 * counts[1], "the first step allocates the buffers: {counts:?}");
}

/// The peak memory of a first step in bytes.
fn peak(depth: usize) -> f64 {
    let (tape, parameters) = (Tape::new(), parameters());
    measure(|| {
        step(&tape, &parameters, &[1; 8], &[2; 8], depth);
    })
    .bytes_max as f64
}

/// A layer keeps three matrices of its batch (`h·W + b`, and f and f′ of it) and two of gradients. The nodes,
/// pullbacks and shapes of its two ops take some 400 bytes each in addition.
#[test]
fn memory_grows_by_five_matrices_per_layer() {
    let [quarter, half, whole] = [250, 500, 1000].map(peak);
    let (first, second) = ((half - quarter) / 250.0, (whole - half) / 500.0);
    let matrices = (5 * 8 * 20 * size_of::<f32>()) as f64;
    for layer in [first, second] {
        let rest = layer - matrices;
        assert!((0.0..2.0 * 600.0).contains(&rest), "{layer} bytes per layer, {matrices} of them values");
    }
}
