//! The lecture's figures of one pass: activations, gradients at activations, gradients of weights.

use diagnostics::{LayerReport, Summary, ValueStatistics, significant};
use plot::{BarPanel, Density, Figure, LinePanel, Panel, RidgePanel};

use super::colours;
use super::run_report::{RunReport, gradient_to_data, matrices};
use crate::of_all;

/// The part of a layer that a figure is about.
type Pick = fn(&LayerReport) -> Option<&ValueStatistics>;

fn post(layer: &LayerReport) -> Option<&ValueStatistics> {
    Some(&layer.post)
}

fn gradient(layer: &LayerReport) -> Option<&ValueStatistics> {
    layer.gradient.as_ref()
}

fn density(name: &str, seen: &ValueStatistics) -> Density {
    Density::new(name, seen.histogram.edges.clone(), seen.histogram.counts.clone())
}

fn std(seen: &ValueStatistics) -> f64 {
    of_all(&seen.summary, Summary::std)
}

/// A std as text: two decimals, or three digits of a small one.
pub fn std_text(std: f64) -> String {
    if std < 0.1 { significant(std, 3) } else { format!("{std:.2}") }
}

/// The remark beside a density.
fn std_note(seen: &ValueStatistics) -> String {
    format!("std {}", std_text(std(seen)))
}

/// Densities of activations, one panel per run and one row per layer.
pub fn activations(title: &str, runs: &[RunReport<'_>]) -> Figure {
    over_depth(title, runs, "activation", post)
}

/// Densities of gradients at activations, one panel per run and one row per layer.
pub fn gradients(title: &str, runs: &[RunReport<'_>]) -> Figure {
    over_depth(title, runs, "gradient", gradient)
}

fn over_depth(title: &str, runs: &[RunReport<'_>], label: &str, pick: Pick) -> Figure {
    let panel = |(run, report): &RunReport<'_>| {
        let row = |layer: &LayerReport| {
            let seen = pick(layer)?;
            Some(density(&layer.name, seen).note(std_note(seen)))
        };
        let rows = report.layers.iter().filter_map(row).collect();
        RidgePanel::new(*run, rows).x_label(label)
    };
    Figure::new(title, runs.iter().map(panel).collect::<Vec<_>>()).shared_axes()
}

/// The std of the activations of every layer, one curve per run, and the density of the last layer's, one row per run with an
/// activation function: the others reach far beyond ±1.
pub fn gains(title: &str, runs: &[RunReport<'_>]) -> Figure {
    let row = |(run, report): &RunReport<'_>| {
        let seen = post(report.layers.last()?)?;
        Some(colours::density(run, density(run, seen).note(std_note(seen))))
    };
    let bounded = runs.iter().filter(|(run, _)| !colours::is_linear(run));
    let last = RidgePanel::new("Last hidden layer, runs with tanh", bounded.filter_map(row).collect());
    let last = last.range(-1.1, 1.1).x_label("activation");
    let panels: [Panel; 2] = [std_over_depth("Every layer", runs, post).into(), last.into()];
    Figure::new(title, panels)
}

/// The std of the gradients at the activations of every layer, one curve per run.
pub fn gain_gradients(title: &str, runs: &[RunReport<'_>]) -> Figure {
    // Gradients come from the last layer: read from left to right, as they flow.
    let panel = std_over_depth("", runs, gradient).reversed_x();
    Figure::new(title, [panel.x_label("hidden layer, from the last to the first")])
}

fn std_over_depth(title: &str, runs: &[RunReport<'_>], pick: Pick) -> LinePanel {
    let curve = |(run, report): &RunReport<'_>| {
        let stds =
            (1..).zip(&report.layers).filter_map(|(at, layer)| Some((f64::from(at), std(pick(layer)?))));
        colours::curve(run, stds.collect()).dots()
    };
    let panel = LinePanel::new(title, runs.iter().map(curve).collect());
    panel.log_y().whole_x().x_label("hidden layer").y_label("std")
}

/// The std of each weight's gradient over that of the weight, one series per run.
pub fn weights(title: &str, runs: &[RunReport<'_>]) -> Figure {
    let names = runs.first().map(|(_, report)| matrices(report).map(|weight| weight.name.clone()).collect());
    let names: Vec<String> = names.unwrap_or_default();
    let series = |(run, report): &RunReport<'_>| {
        colours::series(run, matrices(report).map(gradient_to_data).collect())
    };
    let panel = BarPanel::new(names, runs.iter().map(series).collect()).log();
    Figure::new(title, [panel.x_label("weight").y_label("std(gradient) / std(weight)")])
}

/// Densities of the first hidden layer's pre-activations and activations, one row per run; `threshold` is that of the
/// saturated share.
pub fn hidden(title: &str, threshold: f64, runs: &[RunReport<'_>]) -> Figure {
    let first = || runs.iter().filter_map(|(run, report)| Some((*run, report.layers.first()?)));
    let pre = first().filter_map(|(run, layer)| {
        let seen = layer.pre.as_ref()?;
        Some(colours::density(run, density(run, seen).note(std_note(seen))))
    });
    let post = first().map(|(run, layer)| {
        let note = format!("{:.1}%", 100.0 * layer.above_threshold());
        colours::density(run, density(run, &layer.post).note(note))
    });
    // To one scale: each pre-activation has an area of 1, the wide one is low.
    let pre = RidgePanel::new("Pre-activations", pre.collect()).common_scale().x_label("pre-activation");
    let post =
        RidgePanel::new(format!("Activations, and their share with |h| > {threshold}"), post.collect());
    Figure::new(title, [pre, post.x_label("activation")])
}
