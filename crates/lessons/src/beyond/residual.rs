//! Shortcuts with branches of different scales.

use autograd::{Activation, Tape};
use mean_field::residual_growth;
use torch_rng::Source;

use super::{Comparison, growth, mean_square, normal};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

const WIDTH: usize = 256;
const BLOCKS: usize = 16;
const DRAWS: usize = 6;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "residual",
    title: "Growth of squares per residual block",
    run: |lesson: &Lesson| {
        let root = (2.0 * BLOCKS as f64).sqrt();
        let half = 0.5_f64.sqrt();
        let mut source = lesson.source.generator(lesson.seed);
        let mut comparison = Comparison::new();
        for (name, shortcut, branch) in
            [("h + F", 1.0, 1.0), ("(h + F)/√2", half, half), ("h + F/√32", 1.0, 1.0 / root)]
        {
            let draws: Vec<(f64, f64)> = (0..DRAWS).map(|_| run(shortcut, branch, &mut *source)).collect();
            let theory = residual_growth(shortcut, branch, 1.0);
            let of = |pick: fn(&(f64, f64)) -> f64| draws.iter().map(pick).collect::<Vec<_>>();
            comparison.row(name, "squared signals, per block", theory, &of(|draw| draw.0));
            comparison.row(name, "squared gradients, per block", theory, &of(|draw| draw.1));
        }
        Output::table(comparison.0).notes([format!(
            "F = W₂·relu(W₁h) with the second moment of h: variances 1/n and 2/n, n = {WIDTH}. {BLOCKS} blocks, {DRAWS} networks."
        )])
    },
};

/// The growth of mean squares per block, forwards and backwards.
fn run(shortcut: f64, branch: f64, source: &mut dyn Source<f32>) -> (f64, f64) {
    let tape = Tape::new();
    let mut h = tape.leaf(normal(4, WIDTH, 1.0, source));
    let mut layers = vec![h];
    let n = WIDTH as f64;
    for _ in 0..BLOCKS {
        let [first, second] = [1.0 / n, 2.0 / n].map(|v| tape.leaf(normal(WIDTH, WIDTH, v.sqrt(), source)));
        let f = h.matmul(first).activation(Activation::Relu).matmul(second);
        h = h.scale(shortcut) + f.scale(branch);
        layers.push(h);
    }
    let forward = mean_square(&h.value()) / mean_square(&layers[0].value());
    (forward.powf(1.0 / BLOCKS as f64), growth(&layers, source))
}
