//! The colour of each of the lecture's runs: one run has one colour in every figure.

use plot::{Curve, Density};

/// Runs and their colours in the palette of `plot`. Runs that share one never meet in a figure, except that a run without
/// an activation function has the colour of its gain, and a dashed line.
const COLOURS: [(&str, usize); 11] = [
    ("shallow-raw", 0),
    ("shallow-logits", 1),
    ("shallow-tanh", 2),
    ("shallow-norm", 3),
    ("deep", 4),
    ("deep-three", 5),
    ("deep-norm", 6),
    ("deep-half", 0),
    ("deep-one", 1),
    ("deep-linear", 1),
    ("deep-linear-gain", 4),
];

fn colour(run: &str) -> Option<usize> {
    COLOURS.iter().find(|(name, _)| *name == run).map(|&(_, colour)| colour)
}

/// True if the run has no activation function.
pub(super) fn is_linear(run: &str) -> bool {
    run.starts_with("deep-linear")
}

/// A curve of a run, called by its name.
pub(super) fn curve(run: &str, points: Vec<(f64, f64)>) -> Curve {
    let curve = Curve::new(run, points);
    let curve = if is_linear(run) { curve.dashed() } else { curve };
    if let Some(colour) = colour(run) { curve.colour(colour) } else { curve }
}

/// A density in the colour of a run.
pub(super) fn density(run: &str, density: Density) -> Density {
    if let Some(colour) = colour(run) { density.colour(colour) } else { density }
}

/// A series of bars or dots of a run, called by its name.
pub(super) fn series(run: &str, values: Vec<f64>) -> plot::Series {
    let series = plot::Series::new(run, values);
    if let Some(colour) = colour(run) { series.colour(colour) } else { series }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::makemore::run::Run;

    #[test]
    fn every_run_with_a_colour_exists() {
        for (name, _) in COLOURS {
            assert!(Run::find(name).is_some(), "{name}");
        }
        assert_eq!(colour("no run"), None);
    }
}
