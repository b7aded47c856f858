//! The first loss, with a head of its own and with one that shares the embedding.

use mean_field::{first_loss, own_logit, tied_loss};
use torch_rng::Source;

use super::{Comparison, normal};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

const EXAMPLES: usize = 100;
const DRAWS: usize = 20;
const WIDTH: usize = 64;
const CLASSES: usize = 500;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "first-loss",
    title: "The first loss",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed);
        let mut draw = |of: &mut dyn FnMut(&mut dyn Source<f32>) -> f64| {
            (0..DRAWS).map(|_| of(&mut *source)).collect::<Vec<f64>>()
        };
        let mut comparison = Comparison::new();
        for (classes, std) in [(27, 0.3), (27, 1.0), (27, 3.0), (1000, 1.0), (1000, 3.0)] {
            let name = format!("{classes} classes, logits of std {std}");
            let losses = draw(&mut |source| loss(classes, std, source));
            comparison.row(&name, "loss", first_loss(classes, std), &losses);
        }
        for std in [0.02, 0.3] {
            let own = own_logit(WIDTH, 1.0, std, 1.0);
            let theory = tied_loss(CLASSES, std * (WIDTH as f64).sqrt(), own, 1.0 / CLASSES as f64);
            let name = format!("tied head, {CLASSES} classes, embedding of std {std}");
            comparison.row(&name, "loss", theory, &draw(&mut |source| tied(std, source)));
        }
        Output::table(comparison.0).notes([format!(
            "{EXAMPLES} examples with random targets, {DRAWS} draws. Tied head: {WIDTH} features, a norm between embedding and head, nothing else."
        )])
    },
};

/// Cross-entropy of normal logits.
fn loss(classes: usize, std: f64, source: &mut dyn Source<f32>) -> f64 {
    let logits = normal(EXAMPLES, classes, std, source).log_softmax_rows();
    // The logits are exchangeable: the first class is a random target.
    -(0..EXAMPLES).map(|row| f64::from(logits.data()[row * classes])).sum::<f64>() / EXAMPLES as f64
}

/// Cross-entropy where the logits are products of a normalised embedding with all embeddings.
fn tied(std: f64, source: &mut dyn Source<f32>) -> f64 {
    let table = normal(CLASSES, WIDTH, std, source);
    // Rows are exchangeable too: the examples are the first ones, and each one's target is its successor.
    let tokens: Vec<usize> = (0..EXAMPLES).collect();
    let h = table.gather_rows(&tokens);
    let rms = |row: &[f32]| (row.iter().map(|x| x * x).sum::<f32>() / WIDTH as f32).sqrt();
    let scale: Vec<f32> = h.data().chunks(WIDTH).map(|row| 1.0 / rms(row)).collect();
    let scale = autograd::Tensor::from_vec(scale, [EXAMPLES]).expect("a column");
    let logits = h.mul_column(&scale).matmul_nt(&table).log_softmax_rows();
    let target = |row: usize| f64::from(logits.data()[row * CLASSES + row + 1]);
    // A target that repeats the input is one in as many as there are classes: its loss enters by its share.
    let own = |row: usize| f64::from(logits.data()[row * CLASSES + row]);
    let share = 1.0 / CLASSES as f64;
    -(0..EXAMPLES).map(|row| (1.0 - share) * target(row) + share * own(row)).sum::<f64>() / EXAMPLES as f64
}
