//! The size of each update relative to its weight.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;

const RUNS: [&str; 2] = ["deep", "deep-norm"];
const STEPS: u64 = 1001;
/// Steps that share a point of a curve: single steps vary too much to tell curves apart.
const WINDOW: usize = 40;

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
        let (mut panels, mut hidden) = (Vec::new(), Vec::new());
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
            let curves = updates.names.iter().enumerate().map(|(weight, name)| {
                let points = updates.rows.iter().map(|(step, ratios)| (*step as f64, ratios[weight]));
                Curve::new(name, points.collect()).averaged(WINDOW)
            });
            let panel = LinePanel::new(run, curves.collect()).ordered_colours();
            let panel = panel.level(-3.0, "1/1000", Line::Dashed);
            panels.push(panel.x_label("step").y_label("log₁₀ std(update)/std(weight)"));
            let last = updates.rows.last().map_or(&[][..], |(_, ratios)| ratios);
            // The first is the embedding, the last the output layer.
            hidden.extend(
                last.iter().skip(1).take(last.len().saturating_sub(2)).map(|ratio| 10f64.powf(*ratio)),
            );
        }
        let (low, high) = hidden.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &x| (l.min(x), h.max(x)));
        let title = format!(
            "The last step changes the weights of hidden layers by {:.1}% to {:.1}% of their size; the rule of thumb is 0.1%",
            100.0 * low,
            100.0 * high
        );
        let caption = format!("means over {WINDOW} steps, with the smallest and the largest of each");
        Output::figure(table, Figure::new(title, panels).caption(caption).shared_axes(), true)
    },
};
