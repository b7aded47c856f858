//! Attention at initialisation: scores, how concentrated they are, and what depth does to tokens.

use autograd::Tensor;
use mean_field::{RandomSoftmax, attention_cosines, score_std};
use torch_rng::Source;

use super::{Comparison, mean_square, normal};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

const TOKENS: usize = 64;
const WIDTH: usize = 128;
const LAYERS: usize = 12;
const DRAWS: usize = 20;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "attention",
    title: "Attention at initialisation",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed);
        let mut draw = |of: &mut dyn FnMut(&mut dyn Source<f32>) -> f64| {
            (0..DRAWS).map(|_| of(&mut *source)).collect::<Vec<f64>>()
        };
        let mut comparison = Comparison::new();
        // PyTorch's Linear: U(±1/√d), of variance 1/(3d).
        let linear = 1.0 / (3.0 * WIDTH as f64).sqrt();
        let theory = score_std(WIDTH, linear, linear, 1.0);
        comparison.row("PyTorch's linear layers", "std of scores", theory, &draw(&mut |s| scores(linear, s)));
        for std in [0.3, 1.0, 3.0] {
            let theory = RandomSoftmax::of(TOKENS, std);
            let name = format!("64 keys, scores of std {std}");
            let rows = draw(&mut |s| concentration(std, s).0);
            comparison.row(&name, "entropy (uniform: 4.1589)", theory.entropy, &rows);
            let rows = draw(&mut |s| concentration(std, s).1);
            comparison.row(&name, "Σp² (uniform: 0.0156)", theory.sum_of_squares, &rows);
        }
        for (name, branch) in [("branch 1", 1.0), ("branch 1/√12", (LAYERS as f64).powf(-0.5))] {
            let theory = attention_cosines(TOKENS, LAYERS, branch, 0.0)[LAYERS - 1];
            let name = format!("uniform attention, 12 layers, {name}");
            comparison.row(&name, "cosine of two tokens", theory, &draw(&mut |s| collapse(branch, s)));
        }
        Output::table(comparison.0).notes([format!("{TOKENS} tokens of {WIDTH} features, {DRAWS} draws.")])
    },
};

/// The standard deviation of the scores of normal tokens.
fn scores(std: f64, source: &mut dyn Source<f32>) -> f64 {
    let x = normal(TOKENS, WIDTH, 1.0, source);
    let [q, k] = [(); 2].map(|()| x.matmul(&normal(WIDTH, WIDTH, std, source)));
    mean_square(&q.matmul_nt(&k)).sqrt() / (WIDTH as f64).sqrt()
}

/// Entropy and sum of squares of softmax over random scores, averaged over rows.
fn concentration(std: f64, source: &mut dyn Source<f32>) -> (f64, f64) {
    let logits = normal(TOKENS, TOKENS, std, source);
    let p = logits.softmax_rows();
    let logs = logits.log_softmax_rows();
    let entropy = p.data().iter().zip(logs.data());
    let entropy: f64 = entropy.map(|(&p, &log)| -f64::from(p) * f64::from(log)).sum();
    (entropy / TOKENS as f64, TOKENS as f64 * mean_square(&p))
}

/// The mean cosine of two tokens behind layers of uniform attention: `h + α·mean(h)·W`.
fn collapse(branch: f64, source: &mut dyn Source<f32>) -> f64 {
    let mut h = normal(TOKENS, WIDTH, 1.0, source);
    let ones = Tensor::full([TOKENS, 1], 1.0);
    for _ in 0..LAYERS {
        let weight = normal(WIDTH, WIDTH, (1.0 / WIDTH as f64).sqrt(), source);
        let mean = h.sum_rows().scale(1.0 / TOKENS as f32).reshape([1, WIDTH]);
        h = h.add(&ones.matmul(&mean.matmul(&weight)).scale(branch as f32));
    }
    let gram = h.matmul_nt(&h);
    let all = |i: usize, j: usize| f64::from(gram.data()[i * TOKENS + j]);
    let pairs = (0..TOKENS).flat_map(|i| (0..i).map(move |j| (i, j)));
    let cosines = pairs.map(|(i, j)| all(i, j) / (all(i, i) * all(j, j)).sqrt());
    cosines.sum::<f64>() / (TOKENS * (TOKENS - 1) / 2) as f64
}
