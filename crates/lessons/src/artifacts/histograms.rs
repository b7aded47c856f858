//! Histograms of activations, one panel per layer.

use cli::{Cell, Table};
use diagnostics::{Binning, LayerReport, Settings};
use plot::{Figure, HistogramPanel, Line};
use specimen::{Init, Observation};
use tensor::Activation;

use super::{KAIMING_COLOUR, RANDOM_COLOUR};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

pub(super) const RANDOM: Artifact = Artifact {
    id: "histograms-random",
    title: "Activation distributions, random init",
    run: |lesson: &Lesson| {
        output(lesson, "random init", &Init::LESSON_RANDOM, lesson.random(), RANDOM_COLOUR)
    },
};

pub(super) const KAIMING: Artifact = Artifact {
    id: "histograms-kaiming",
    title: "Activation distributions, Kaiming init",
    run: |lesson: &Lesson| {
        output(lesson, "Kaiming init", &Init::LESSON_KAIMING, lesson.kaiming(), KAIMING_COLOUR)
    },
};

fn output(lesson: &Lesson, name: &str, init: &Init, seen: &Observation, colour: usize) -> Output {
    let mut table = Table::new(&[("layer", "layer"), ("from", "from"), ("to", "to"), ("count", "count")]);
    for layer in &seen.report.layers {
        for (edges, &count) in layer.post.histogram.edges.windows(2).zip(&layer.post.histogram.counts) {
            let (from, to) = (Cell::fixed(edges[0], 4), Cell::fixed(edges[1], 4));
            table.push(vec![Cell::text(&layer.name), from, to, Cell::Count(count)]);
        }
    }
    let layers = &seen.report.layers;
    let panel = |layer: &LayerReport, title: String| {
        let histogram = &layer.post.histogram;
        let panel = HistogramPanel::new(title, histogram.edges.clone(), histogram.counts.clone());
        panel.x_label("activation").colour(colour)
    };
    // Only for tanh does the threshold mark saturation.
    if lesson.network.activation != Activation::Tanh {
        let title = format!("Activations of each layer, {name}");
        let panels =
            layers.iter().map(|layer| panel(layer, layer.name.clone()).marker(0.0, "zero", Line::Dashed));
        return Output::figure(table, Figure::new(title, panels).shared_axes(), false);
    }
    let threshold = seen.report.settings.saturation;
    let beyond = beyond(lesson, init, threshold);
    let shares = layers.iter().map(|layer| 100.0 * layer.above_threshold());
    let (low, high) = shares.fold((f64::INFINITY, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
    if high == 0.0 {
        let title = format!("With {name}, no activation is saturated (|h| > {threshold})");
        let panels = layers.iter().map(|layer| panel(layer, layer.name.clone()));
        return Output::figure(table, Figure::new(title, panels).shared_axes(), false);
    }
    let panels = layers.iter().zip(&beyond).map(|(layer, &ends)| {
        let share = 100.0 * layer.above_threshold();
        let panel = panel(layer, format!("{}: {share:.1}%", layer.name));
        panel.part(format!("|h| > {threshold}"), part(layer, threshold, ends))
    });
    let title = format!(
        "With {name}, {low:.1}% to {high:.1}% of each layer's activations are saturated (|h| > {threshold})"
    );
    Output::figure(table, Figure::new(title, panels).shared_axes(), false)
}

/// The number of activations of each layer below −`threshold` and above `threshold`.
fn beyond(lesson: &Lesson, init: &Init, threshold: f64) -> Vec<[u64; 2]> {
    // tanh ends at 1, and so within the outer two of these bins.
    let reach = 3.0 * threshold;
    let settings =
        Settings { bins: Binning::Fixed { lo: -reach, hi: reach, bins: 3 }, ..Settings::default() };
    let seen = lesson.observe(init, settings);
    let ends = |layer: &LayerReport| [0, 2].map(|bin: usize| layer.post.histogram.counts[bin]);
    seen.report.layers.iter().map(ends).collect()
}

/// The part of each bin's count beyond ±`threshold`, of which there are `below` and `above` in all: whole bins from the
/// outside, and the rest of it in the bin that the threshold divides.
fn part(layer: &LayerReport, threshold: f64, [below, above]: [u64; 2]) -> Vec<u64> {
    let histogram = &layer.post.histogram;
    let mut part = vec![0; histogram.counts.len()];
    let bins: Vec<usize> = (0..part.len()).collect();
    let lower = bins.iter().copied().filter(|&bin| histogram.edges[bin] < -threshold);
    let upper = bins.iter().rev().copied().filter(|&bin| histogram.edges[bin + 1] > threshold);
    for (bins, mut left) in [(lower.collect::<Vec<_>>(), below), (upper.collect(), above)] {
        for bin in bins {
            part[bin] = left.min(histogram.counts[bin]);
            left -= part[bin];
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_share_of_the_table() {
        let lesson = Lesson::original();
        for (init, seen) in [(Init::LESSON_RANDOM, lesson.random()), (Init::LESSON_KAIMING, lesson.kaiming())]
        {
            for (layer, ends) in seen.report.layers.iter().zip(beyond(&lesson, &init, 0.99)) {
                let part = part(layer, 0.99, ends);
                let total: u64 = layer.post.histogram.counts.iter().sum();
                assert_eq!(part.iter().sum::<u64>(), (layer.above_threshold() * total as f64).round() as u64);
                // Nothing is set off where no value is beyond the threshold.
                let edges = &layer.post.histogram.edges;
                assert!(
                    part.iter()
                        .enumerate()
                        .all(|(bin, &count)| { count == 0 || edges[bin] < -0.99 || edges[bin + 1] > 0.99 })
                );
            }
        }
    }
}
