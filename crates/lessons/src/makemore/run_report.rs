//! The lecture's tables and figures of one pass: activations, gradients at activations, gradients of weights.

use cli::{Cell, Table};
use diagnostics::{LayerReport, Report, Summary, ValueStatistics, WeightReport};
use plot::{Density, DensityPanel, Figure, HistogramPanel};

use crate::of_all;

/// A run's name and the report of its last step.
pub type RunReport<'a> = (&'a str, Report);

/// The lecture's threshold of saturation.
pub const SATURATION: f64 = 0.97;

/// A table of activations: `run, layer, mean, std, saturated`.
pub fn activations(runs: &[RunReport<'_>]) -> Table {
    let mut table = Table::new(&[
        ("run", "run"),
        ("layer", "layer"),
        ("mean", "mean"),
        ("std", "std"),
        ("saturated", "|h| > 0.97"),
    ]);
    for (run, report) in runs {
        for layer in &report.layers {
            table.push(vec![
                Cell::text(*run),
                Cell::text(&layer.name),
                Cell::signed(of_all(&layer.post.summary, Summary::mean), 2),
                Cell::fixed(of_all(&layer.post.summary, Summary::std), 2),
                Cell::percent_to(layer.above_threshold(), 2),
            ]);
        }
    }
    table
}

/// A table of gradients at activations: `run, layer, mean, std`.
pub fn gradients(runs: &[RunReport<'_>]) -> Table {
    let mut table = Table::new(&[("run", "run"), ("layer", "layer"), ("mean", "mean"), ("std", "std")]);
    for (run, report) in runs {
        for layer in &report.layers {
            let of = |figure| layer.gradient.as_ref().map_or(f64::NAN, |g| of_all(&g.summary, figure));
            table.push(vec![
                Cell::text(*run),
                Cell::text(&layer.name),
                Cell::rounded(of(Summary::mean), 6),
                Cell::scientific(of(Summary::std), 6),
            ]);
        }
    }
    table
}

/// A table of the gradients of matrices: `run, weight, mean, std, ratio`.
pub fn weights(runs: &[RunReport<'_>]) -> Table {
    let mut table = Table::new(&[
        ("run", "run"),
        ("weight", "weight"),
        ("mean", "mean of gradient"),
        ("std", "std of gradient"),
        ("ratio", "gradient : data"),
    ]);
    for (run, report) in runs {
        for weight in matrices(report) {
            let of = |figure| weight.gradient.as_ref().map_or(f64::NAN, |g| of_all(&g.summary, figure));
            table.push(vec![
                Cell::text(*run),
                Cell::text(&weight.name),
                Cell::rounded(of(Summary::mean), 6),
                Cell::scientific(of(Summary::std), 6),
                Cell::scientific(of(Summary::std) / of_all(&weight.weight.summary, Summary::std), 6),
            ]);
        }
    }
    table
}

/// The embedding and the weights, without biases and normalisation parameters.
fn matrices(report: &Report) -> impl Iterator<Item = &WeightReport> {
    let is = |weight: &&WeightReport| {
        matches!(weight.role, diagnostics::Role::Weight | diagnostics::Role::Embedding)
    };
    report.weights.iter().filter(is)
}

fn density(name: &str, seen: &ValueStatistics) -> Density {
    Density::new(name, seen.histogram.edges.clone(), seen.histogram.counts.clone())
}

/// Densities of activations, one panel per run.
pub fn activation_figure(title: &str, runs: &[RunReport<'_>]) -> Figure {
    panels(title, runs, "activation", |layer| Some(&layer.post))
}

/// Densities of gradients at activations, one panel per run.
pub fn gradient_figure(title: &str, runs: &[RunReport<'_>]) -> Figure {
    panels(title, runs, "gradient", |layer| layer.gradient.as_ref())
}

fn panels(
    title: &str,
    runs: &[RunReport<'_>],
    label: &str,
    pick: fn(&LayerReport) -> Option<&ValueStatistics>,
) -> Figure {
    let panel = |(run, report): &RunReport<'_>| {
        let seen = report.layers.iter().filter_map(|layer| Some(density(&layer.name, pick(layer)?)));
        DensityPanel::new(*run, seen.collect()).ordered_colours().x_label(label).y_label("density")
    };
    Figure::new(title, runs.iter().map(panel).collect::<Vec<_>>())
}

/// Densities of the weights' gradients, one panel per run.
pub fn weight_figure(title: &str, runs: &[RunReport<'_>]) -> Figure {
    let panel = |(run, report): &RunReport<'_>| {
        let seen =
            matrices(report).filter_map(|weight| Some(density(&weight.name, weight.gradient.as_ref()?)));
        DensityPanel::new(*run, seen.collect()).x_label("gradient").y_label("density")
    };
    Figure::new(title, runs.iter().map(panel).collect::<Vec<_>>())
}

/// Histograms of the first hidden layer's activations and pre-activations, two panels per run.
pub fn hidden_figure(title: &str, runs: &[RunReport<'_>]) -> Figure {
    let mut panels = Vec::new();
    for (run, report) in runs {
        let Some(layer) = report.layers.first() else { continue };
        let seen = [("activation", Some(&layer.post)), ("pre-activation", layer.pre.as_ref())];
        for (what, seen) in seen.into_iter().filter_map(|(what, seen)| Some((what, seen?))) {
            let histogram = &seen.histogram;
            let panel = HistogramPanel::new(*run, histogram.edges.clone(), histogram.counts.clone());
            panels.push(panel.x_label(what));
        }
    }
    Figure::new(title, panels)
}
