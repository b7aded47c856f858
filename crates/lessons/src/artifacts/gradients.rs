//! Gradient flow: the mean |gradient| of every weight.

use cli::{Cell, Table};
use diagnostics::{Summary, significant};
use plot::{BarPanel, Figure, Series};
use specimen::Observation;

use super::{KAIMING_COLOUR, RANDOM_COLOUR};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::of_all;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "gradients",
    title: "Gradient flow: mean |gradient| of each weight, random and Kaiming init",
    run: |lesson: &Lesson| {
        let names: Vec<String> = (1..=lesson.network.depth()).map(|layer| format!("W{layer}")).collect();
        let (random, kaiming) = (grads(lesson.random()), grads(lesson.kaiming()));
        let mut table =
            Table::new(&[("weight", "weight"), ("random", "Random init"), ("kaiming", "Kaiming init")]);
        for ((name, &random), &kaiming) in names.iter().zip(&random).zip(&kaiming) {
            table.push(vec![Cell::text(name), Cell::scientific(random, 2), Cell::scientific(kaiming, 2)]);
        }
        let ratio = |grads: &[f64]| significant(grads[0] / grads[grads.len() - 1], 2);
        let title = format!(
            "The first weight's mean |gradient| is {} times the last one's with random init, {} times with Kaiming init",
            ratio(&random),
            ratio(&kaiming)
        );
        let series = vec![
            Series::new("Random init", random).colour(RANDOM_COLOUR),
            Series::new("Kaiming init", kaiming).colour(KAIMING_COLOUR),
        ];
        let dots = BarPanel::new(names, series).x_label("weight").y_label("mean |gradient|").log();
        Output::figure(table, Figure::new(title, [dots]), true)
    },
};

/// The mean |gradient| of W1, W2, ….
fn grads(seen: &Observation) -> Vec<f64> {
    let weights = seen.report.weights.iter().filter(|weight| weight.name.starts_with('W'));
    weights
        .map(|weight| {
            weight.gradient.as_ref().map_or(f64::NAN, |grad| of_all(&grad.summary, Summary::mean_abs))
        })
        .collect()
}
