//! The lecture's tables of one pass: activations, gradients at activations, gradients of weights.

use cli::{Cell, Table};
use diagnostics::{Report, Summary, WeightReport};

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
                Cell::scientific(gradient_to_data(weight), 6),
            ]);
        }
    }
    table
}

/// The std of a weight's gradient over that of the weight; NaN without a gradient.
pub(crate) fn gradient_to_data(weight: &WeightReport) -> f64 {
    let gradient = weight.gradient.as_ref().map_or(f64::NAN, |g| of_all(&g.summary, Summary::std));
    gradient / of_all(&weight.weight.summary, Summary::std)
}

/// The embedding and the weights, without biases and normalisation parameters.
pub(crate) fn matrices(report: &Report) -> impl Iterator<Item = &WeightReport> {
    let is = |weight: &&WeightReport| {
        matches!(weight.role, diagnostics::Role::Weight | diagnostics::Role::Embedding)
    };
    report.weights.iter().filter(is)
}
