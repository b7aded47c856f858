//! Short tables for documents: the first and the last hidden layer of each run.

use cli::{Cell, Table};
use diagnostics::{LayerReport, Summary};

use super::run_report::RunReport;
use crate::of_all;

/// The std of activations in the first and last hidden layer, and the factor per layer between them.
pub(super) fn activations(runs: &[RunReport<'_>]) -> Table {
    let mut table = Table::new(&[
        ("run", "run"),
        ("first_std", "std, first layer"),
        ("last_std", "std, last layer"),
        ("factor", "factor per layer"),
        ("saturated", "|h| > 0.97, last layer"),
    ]);
    for (run, first, last, steps) in ends(runs) {
        let std = |layer: &LayerReport| of_all(&layer.post.summary, Summary::std);
        table.push(vec![
            Cell::text(run),
            Cell::fixed(std(first), 2),
            Cell::fixed(std(last), 2),
            factor(std(first), std(last), steps),
            Cell::percent_to(last.above_threshold(), 2),
        ]);
    }
    table
}

/// The std of gradients at the activations of the last and first hidden layer, and the factor per layer on the way back.
pub(super) fn gradients(runs: &[RunReport<'_>]) -> Table {
    let mut table = Table::new(&[
        ("run", "run"),
        ("last_std", "std, last layer"),
        ("first_std", "std, first layer"),
        ("factor", "factor per layer towards the input"),
    ]);
    for (run, first, last, steps) in ends(runs) {
        let std = |layer: &LayerReport| {
            layer.gradient.as_ref().map_or(f64::NAN, |gradient| of_all(&gradient.summary, Summary::std))
        };
        table.push(vec![
            Cell::text(run),
            Cell::scientific(std(last), 2),
            Cell::scientific(std(first), 2),
            factor(std(last), std(first), steps),
        ]);
    }
    table
}

/// Each run with its first and last hidden layer, and the number of layers from one to the other.
fn ends<'a>(
    runs: &'a [RunReport<'a>],
) -> impl Iterator<Item = (&'a str, &'a LayerReport, &'a LayerReport, usize)> {
    runs.iter().filter_map(|(run, report)| {
        let layers = &report.layers;
        Some((*run, layers.first()?, layers.last()?, layers.len() - 1))
    })
}

/// The factor per layer that leads from one value to another in so many layers.
fn factor(from: f64, to: f64, layers: usize) -> Cell {
    Cell::fixed((to / from).powf(1.0 / layers as f64), 2)
}

#[cfg(test)]
mod tests {
    use super::factor;
    use cli::Cell;

    #[test]
    fn the_factor_is_per_layer() {
        assert_eq!(factor(1.0, 16.0, 4), Cell::fixed(2.0, 2));
        assert_ne!(factor(1.0, 16.0, 5), Cell::fixed(2.0, 2));
        assert_eq!(factor(1.0, 1.0, 0), Cell::fixed(1.0, 2), "a network of one layer");
    }
}
