//! Networks with one hidden layer of 200 units: where its tanh is saturated.

use std::cmp::Reverse;

use cli::{Cell, Table};
use diagnostics::{Summary, UnitMap};
use plot::{Figure, MapPanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run_figures;
use crate::makemore::run_report::RunReport;
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
        let figure = run_figures::hidden(&title(&reports), THRESHOLD, &reports);
        Output::figure(table, figure, true)
    },
};

pub(super) const MAP: Artifact<Lecture> = Artifact {
    id: "saturation-map",
    title: "Where |h| > 0.99: each of 200 units in each of 32 examples",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[("run", "run"), ("example", "example"), ("units", "saturated units")]);
        let mut panels = Vec::new();
        let reports = reports(lecture);
        for (run, report) in &reports {
            let Some(map) = &report.layers[0].map else { continue };
            for (example, row) in (1..).zip(map.rows()) {
                let count = row.iter().filter(|&&is| is).count() as u64;
                table.push(vec![Cell::text(*run), Cell::Count(example), Cell::Count(count)]);
            }
            let title = format!("{run}: {:.1}% of cells", 100.0 * report.layers[0].above_threshold());
            let panel = MapPanel::flags(title, map.units, &sorted(map), "|h| > 0.99", "|h| ≤ 0.99");
            panels.push(panel.x_label("units, the most saturated first").y_label("example"));
        }
        Output::figure(table, Figure::new(map_title(&reports), panels), false)
    },
};

/// The finding of the histograms: the first run has unscaled weights, the second scaled ones.
fn title(reports: &[RunReport<'_>]) -> String {
    let part = |at: usize| {
        let layer = reports.get(at).and_then(|(_, report)| report.layers.first());
        let std = layer
            .and_then(|layer| layer.pre.as_ref())
            .map_or(f64::NAN, |pre| of_all(&pre.summary, Summary::std));
        let share = layer.map_or(f64::NAN, |layer| 100.0 * layer.above_threshold());
        format!("Pre-activations with a std of {std:.2} saturate {share:.1}% of activations")
    };
    format!("{}; {}", part(0), part(1).replace('P', "p"))
}

/// The finding of the maps: the first run has unscaled weights.
fn map_title(reports: &[RunReport<'_>]) -> String {
    let Some(layer) = reports.first().and_then(|(_, report)| report.layers.first()) else {
        return String::new();
    };
    let (share, units) = (100.0 * layer.above_threshold(), layer.always_saturated_units());
    let units = if units == 0 { "no unit".to_owned() } else { format!("{units} of its units") };
    format!(
        "With unscaled weights {share:.0}% of the hidden layer is saturated, but {units} in every example"
    )
}

/// The cells of a map, with its units in order of the number of examples in which they are set, the largest first.
fn sorted(map: &UnitMap) -> Vec<bool> {
    let count = |unit: usize| map.rows().filter(|row| row[unit]).count();
    let mut order: Vec<usize> = (0..map.units).collect();
    order.sort_by_key(|&unit| Reverse(count(unit)));
    map.rows().flat_map(|row| order.iter().map(|&unit| row[unit])).collect()
}

fn reports(lecture: &Lecture) -> Vec<RunReport<'static>> {
    let report = |run| Some((run, lecture.trained(run, 1).report(THRESHOLD, true)?));
    RUNS.into_iter().filter_map(report).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_sorted_by_their_count() {
        let map = UnitMap { units: 3, cells: vec![false, true, true, false, false, true] };
        assert_eq!(sorted(&map), [true, true, false, true, false, false]);
    }
}
