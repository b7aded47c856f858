//! A residual network of growing depth, for the coordinate check in depth: sweeps have chains alone.

use autograd::{Activation, Tape, Tensor, Var};
use diagnostics::scaling::{self, ScalingCheck, ScalingExpectations, ScalingRole, ScalingRun};
use nn_init::{CompleteP, MupRole};
use specimen::{Adam, Parameter, Parameters, Role};
use torch_rng::{Generator, Source};

const DEPTHS: [usize; 5] = [4, 8, 16, 32, 64];
/// Factors are 1 at one block, so that a block adds L^−α of its output.
const BASE: usize = 1;
const SEEDS: u64 = 6;
pub(super) const WIDTH: usize = 64;
const INPUTS: usize = 16;
const CLASSES: usize = 10;
pub(super) const EXAMPLES: usize = 32;
const RATE: f64 = 0.001;
/// Steps after which the network is measured.
pub(super) const STEPS: [usize; 4] = [1, 2, 5, 10];

/// A factor of every branch, and one of the learning rate of its weights, by the depth.
#[derive(Clone, Copy)]
pub(super) struct DepthScaling {
    pub(super) name: &'static str,
    branch: fn(CompleteP) -> f64,
    rate: fn(CompleteP) -> f64,
    alpha: f64,
}

/// Sums as they are; 1/√L with one rate for all depths; and `CompleteP`, with α = ½ and 1.
pub(super) const SCALINGS: [DepthScaling; 4] = [
    DepthScaling { name: "unscaled", branch: |_| 1.0, rate: |_| 1.0, alpha: 1.0 },
    DepthScaling { name: "1/√L, one rate", branch: CompleteP::branch_factor, rate: |_| 1.0, alpha: 0.5 },
    DepthScaling {
        name: "CompleteP, α = ½",
        branch: CompleteP::branch_factor,
        rate: hidden_rate,
        alpha: 0.5,
    },
    DepthScaling {
        name: "CompleteP, α = 1",
        branch: CompleteP::branch_factor,
        rate: hidden_rate,
        alpha: 1.0,
    },
];

fn hidden_rate(scale: CompleteP) -> f64 {
    scale.adam_rate(MupRole::Hidden)
}

/// Networks of all depths, judged by the table of `CompleteP`.
pub(super) fn check(scaling: DepthScaling) -> ScalingCheck {
    let measure = |depth, seed, run: &mut ScalingRun| train(scaling, depth, seed, run);
    scaling::check(&DEPTHS, 0..SEEDS, measure, &ScalingExpectations::complete_p()).expect("five depths")
}

/// `h ← h + factor·W₂·relu(W₁·norm(h))`, from 16 inputs to 10 logits, trained by Adam.
fn train(scaling: DepthScaling, depth: usize, seed: u64, run: &mut ScalingRun) {
    let scale = CompleteP { base_width: WIDTH, width: WIDTH, base_depth: BASE, depth, alpha: scaling.alpha };
    let mut source = Generator::manual_seed(seed);
    let x = normal([EXAMPLES, INPUTS], 1.0, &mut source);
    let targets: Vec<usize> = (0..EXAMPLES).map(|row| row % 3).collect();
    let mut parameters = drawn(depth, &mut source);
    let blocks = 1..parameters.0.len() - 1;
    let rate = |place: usize| RATE * if blocks.contains(&place) { (scaling.rate)(scale) } else { 1.0 };
    let mut adam = Adam::default();
    for step in 0..=STEPS[STEPS.len() - 1] {
        let tape = Tape::new();
        let weights: Vec<Var<'_, f32>> = parameters.0.iter().map(|w| tape.leaf(w.value.clone())).collect();
        let [first, last, logits] = forward(tape.leaf(x.clone()), &weights, (scaling.branch)(scale));
        if step == 0 || STEPS.contains(&step) {
            run.values(step, ScalingRole::Input, "first layer", first.value().data());
            run.values(step, ScalingRole::Hidden, "last layer", last.value().data());
            run.values(step, ScalingRole::Logits, "logits", logits.value().data());
        }
        let gradients = logits.cross_entropy(&targets).backward_to(&weights);
        let gradients: Vec<Option<Tensor<f32>>> =
            weights.iter().map(|&w| gradients.get(w).cloned()).collect();
        adam.step_each(&mut parameters, &gradients, rate);
    }
}

/// The first layer, two weights per block, and the head: branches keep second moments, as a normalised input has 1.
fn drawn(depth: usize, source: &mut Generator) -> Parameters {
    let blocks = (0..2 * depth).map(|at| ([WIDTH, WIDTH], if at % 2 == 0 { 1.0 } else { 2.0 }));
    let sizes = [([INPUTS, WIDTH], 1.0)].into_iter().chain(blocks).chain([([WIDTH, CLASSES], 1.0)]);
    let weight = |([inputs, outputs], gain): ([usize; 2], f64)| Parameter {
        name: String::new(),
        role: Role::Weight,
        value: normal([inputs, outputs], (gain / inputs as f64).sqrt(), source),
    };
    Parameters(sizes.map(weight).collect())
}

/// The stream before the first block and after the last, and the logits.
fn forward<'t>(x: Var<'t, f32>, weights: &[Var<'t, f32>], factor: f64) -> [Var<'t, f32>; 3] {
    let tape = x.tape();
    let gamma = tape.leaf(Tensor::full([WIDTH], 1.0));
    let [first, blocks @ .., head] = weights else { unreachable!("a first layer and a head") };
    let start = x.matmul(*first);
    let end = blocks.chunks(2).fold(start, |h, block| {
        let hidden = h.rms_norm(gamma, 1e-5).matmul(block[0]).activation(Activation::Relu);
        h + hidden.matmul(block[1]).scale(factor)
    });
    [start, end, end.rms_norm(gamma, 1e-5).matmul(*head)]
}

fn normal(shape: [usize; 2], std: f64, source: &mut dyn Source<f32>) -> Tensor<f32> {
    let mut values = vec![0.0; shape[0] * shape[1]];
    source.normal(0.0, std, &mut values);
    Tensor::from_vec(values, shape).expect("a matrix")
}

#[cfg(test)]
mod tests {
    use super::{SCALINGS, check};

    /// What PyTorch has for the same draws, by `tests/reference/make_scaling_depth.py` with PyTorch 2.15: exponents of the last layer's size at first, and
    /// of its change after five steps. Adam divides by small gradients, so roundings show in the third decimal.
    #[test]
    fn exponents_are_those_of_pytorch() {
        let expected = [(0.4707, 0.8632), (-0.0025, 0.3930), (-0.0025, 0.0083), (-0.0375, -0.0482)];
        for (scaling, expected) in SCALINGS.into_iter().zip(expected) {
            let check = check(scaling);
            let exponent = |quantity, step| check.row(quantity, step).unwrap().exponent.unwrap().value;
            let (start, change) = (exponent("last layer", 0), exponent("change of last layer", 5));
            assert!((start - expected.0).abs() < 1e-3, "{}: {start}\n{check}", scaling.name);
            assert!((change - expected.1).abs() < 0.01, "{}: {change}\n{check}", scaling.name);
        }
    }
}
