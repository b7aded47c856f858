//! Xavier and Kaiming, with the lesson's formulas.

use cli::{Cell, Table};
use diagnostics::Summary;

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::of_all;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "xavier-kaiming",
    title: "Xavier and Kaiming: std of activations with σ = √(1/fan_in) and √(2/fan_in)",
    run: |lesson: &Lesson| {
        let mut table =
            Table::new(&[("layer", "layer"), ("xavier", "Xavier std"), ("kaiming", "Kaiming std")]);
        for (xavier, kaiming) in lesson.xavier().report.layers.iter().zip(&lesson.kaiming().report.layers) {
            table.push(vec![
                Cell::text(&xavier.name),
                Cell::fixed(of_all(&xavier.post.summary, Summary::std), 4),
                Cell::fixed(of_all(&kaiming.post.summary, Summary::std), 4),
            ]);
        }
        Output::table(table)
    },
};
