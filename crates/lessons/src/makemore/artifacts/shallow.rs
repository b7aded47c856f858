//! Networks with one hidden layer of 200 units: where its tanh is saturated.

use cli::{Cell, Table};
use diagnostics::Summary;
use plot::{Figure, MapPanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run_report::{self, RunReport};
use crate::of_all;

/// The runs in which the lecture repairs the hidden layer.
const RUNS: [&str; 3] = ["shallow-logits", "shallow-tanh", "shallow-norm"];

/// The lecture's threshold of |h| for its map of units.
const THRESHOLD: f64 = 0.99;

pub(super) const HISTOGRAMS: Artifact<Lecture> = Artifact {
    id: "hidden-histograms",
    title: "The hidden layer before the first step: activations and pre-activations",
    run: |lecture: &Lecture| {
        let reports = reports(lecture);
        let mut table = Table::new(&[
            ("run", "run"),
            ("pre_std", "std of pre-activations"),
            ("std", "std of activations"),
            ("saturated", "|h| > 0.99"),
            ("always_saturated", "always saturated units"),
        ]);
        for (run, report) in &reports {
            let layer = &report.layers[0];
            let pre = layer.pre.as_ref().map_or(f64::NAN, |pre| of_all(&pre.summary, Summary::std));
            table.push(vec![
                Cell::text(*run),
                Cell::fixed(pre, 4),
                Cell::fixed(of_all(&layer.post.summary, Summary::std), 4),
                Cell::percent_to(layer.above_threshold(), 2),
                Cell::Count(layer.always_saturated_units() as u64),
            ]);
        }
        let figure = run_report::hidden_figure(HISTOGRAMS.title, &reports);
        Output::figure(table, figure, true)
    },
};

pub(super) const MAP: Artifact<Lecture> = Artifact {
    id: "saturation-map",
    title: "Where |h| > 0.99: each of 200 units in each of 32 examples",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[("run", "run"), ("example", "example"), ("units", "saturated units")]);
        let mut panels = Vec::new();
        for (run, report) in reports(lecture) {
            let Some(map) = &report.layers[0].map else { continue };
            for (example, row) in (1..).zip(map.rows()) {
                let count = row.iter().filter(|&&is| is).count() as u64;
                table.push(vec![Cell::text(run), Cell::Count(example), Cell::Count(count)]);
            }
            let panel = MapPanel::flags(run, map.units, &map.cells, "|h| > 0.99", "|h| ≤ 0.99");
            panels.push(panel.x_label("unit").y_label("example"));
        }
        Output::figure(table, Figure::new(MAP.title, panels), false)
    },
};

fn reports(lecture: &Lecture) -> Vec<RunReport<'static>> {
    let report = |run| Some((run, lecture.trained(run, 1).report(THRESHOLD, true)?));
    RUNS.into_iter().filter_map(report).collect()
}
