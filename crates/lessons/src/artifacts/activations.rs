//! Activation statistics, layer by layer.

use cli::{Cell, Table};
use diagnostics::Summary;
use specimen::Observation;

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::of_all;

pub(super) const RANDOM: Artifact = Artifact {
    id: "activations-random",
    title: "Activation statistics, random init: N(0, 1) for every parameter",
    run: |lesson: &Lesson| Output::table(table(lesson.random())),
};

pub(super) const KAIMING: Artifact = Artifact {
    id: "activations-kaiming",
    title: "Activation statistics, Kaiming init: weights scaled by √(2/fan_in), biases 0",
    run: |lesson: &Lesson| Output::table(table(lesson.kaiming())),
};

/// The width of a histogram in text: half the number of the figure's bins.
const WIDTH: usize = 25;

fn table(seen: &Observation) -> Table {
    let mut table = Table::new(&[
        ("layer", "layer"),
        ("mean", "mean"),
        ("std", "std"),
        ("saturated", "|x| > 0.99"),
        ("shape", "histogram"),
    ]);
    for layer in &seen.report.layers {
        table.push(vec![
            Cell::text(&layer.name),
            Cell::signed(of_all(&layer.post.summary, Summary::mean), 4),
            Cell::fixed(of_all(&layer.post.summary, Summary::std), 4),
            Cell::percent(layer.above_threshold()),
            Cell::Shape(layer.post.histogram.spark(WIDTH)),
        ]);
    }
    table
}
