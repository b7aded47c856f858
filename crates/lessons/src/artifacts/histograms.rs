//! Histograms of activations, one panel per layer.

use cli::{Cell, Table};
use diagnostics::LayerReport;
use plot::{Figure, HistogramPanel, Line};
use specimen::Observation;
use tensor::Activation;

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

pub(super) const RANDOM: Artifact = Artifact {
    id: "histograms-random",
    title: "Activation distributions, random init",
    run: |lesson: &Lesson| output(RANDOM.title, lesson, lesson.random()),
};

pub(super) const KAIMING: Artifact = Artifact {
    id: "histograms-kaiming",
    title: "Activation distributions, Kaiming init",
    run: |lesson: &Lesson| output(KAIMING.title, lesson, lesson.kaiming()),
};

fn output(title: &str, lesson: &Lesson, seen: &Observation) -> Output {
    let mut table = Table::new(&[("layer", "layer"), ("from", "from"), ("to", "to"), ("count", "count")]);
    for layer in &seen.report.layers {
        for (edges, &count) in layer.post.histogram.edges.windows(2).zip(&layer.post.histogram.counts) {
            let (from, to) = (Cell::fixed(edges[0], 4), Cell::fixed(edges[1], 4));
            table.push(vec![Cell::text(&layer.name), from, to, Cell::Count(count)]);
        }
    }
    let threshold = seen.report.settings.saturation;
    // The lesson draws the lines for every function; only for tanh do they mark saturation.
    let meaning = if lesson.network.activation == Activation::Tanh { ", saturated beyond" } else { "" };
    let label = format!("±{threshold}{meaning}");
    let panels = seen.report.layers.iter().map(|layer| panel(layer, threshold, &label));
    Output::figure(table, Figure::new(title, panels), false)
}

fn panel(layer: &LayerReport, threshold: f64, label: &str) -> HistogramPanel {
    HistogramPanel::new(&layer.name, layer.post.histogram.edges.clone(), layer.post.histogram.counts.clone())
        .x_label("Activation value")
        .marker(0.0, "zero", Line::Dashed)
        .marker(threshold, label, Line::Dotted)
        .marker(-threshold, label, Line::Dotted)
}
