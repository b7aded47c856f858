//! The size of each update relative to its weight.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;

const RUNS: [&str; 2] = ["deep", "deep-norm"];
const STEPS: u64 = 1001;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "updates",
    title: "Update-to-weight ratio: log₁₀ std(update)/std(weight) over 1,001 steps",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[
            ("run", "run"),
            ("weight", "weight"),
            ("first", "first step"),
            ("middle", "step 500"),
            ("last", "last step"),
        ]);
        let mut panels = Vec::new();
        for run in RUNS {
            let trained = lecture.trained(run, STEPS);
            let updates = &trained.training.updates;
            let at = |row: usize, weight: usize| {
                Cell::fixed(updates.rows.get(row).map_or(f64::NAN, |(_, ratios)| ratios[weight]), 4)
            };
            for (weight, name) in updates.names.iter().enumerate() {
                let last = updates.rows.len().saturating_sub(1);
                table.push(vec![
                    Cell::text(run),
                    Cell::text(name),
                    at(0, weight),
                    at(500, weight),
                    at(last, weight),
                ]);
            }
            let curve = |weight: usize| {
                let points = updates.rows.iter().map(|(step, ratios)| (*step as f64, ratios[weight]));
                Curve::new(&updates.names[weight], points.collect())
            };
            let panel = LinePanel::new(run, (0..updates.names.len()).map(curve).collect());
            let panel = panel.level(-3.0, "rule of thumb: 1/1000", Line::Dashed);
            panels.push(panel.x_label("step").y_label("log₁₀ std(update)/std(weight)"));
        }
        Output::figure(table, Figure::new(ARTIFACT.title, panels), true)
    },
};
