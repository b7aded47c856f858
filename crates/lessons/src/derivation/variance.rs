//! The variance map of tanh, and the variances of drawn networks.

use cli::{Cell, Table};
use mean_field::MeanField;
use plot::{Curve, Figure, LinePanel};

use super::chain::{ChainMoments, DrawnChain, averaged};
use super::{DRAWS, GAINS, WIDTH, cobweb, tanh};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

/// Layers behind the first.
const DEPTH: usize = 8;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "variance-map",
    title: "The variance map of tanh, layer by layer",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed);
        let mut columns = Vec::new();
        let mut panels = Vec::new();
        for (name, gain) in GAINS {
            let field = tanh(gain);
            let theory = variances(&field, 1.0, DEPTH);
            let chain = DrawnChain { field, width: WIDTH, depth: DEPTH };
            let draws: Vec<ChainMoments> = (0..DRAWS).map(|_| chain.run((1.0, 0.0), &mut *source)).collect();
            panels.push(panel(name, &field, &theory));
            columns.push((theory, averaged(&draws, |draw| &draw.variance)));
        }
        let mut table = Table::new(&[
            ("layer", "layer"),
            ("theory_1", "gain 1"),
            ("measured_1", "measured"),
            ("theory_5_3", "gain 5/3"),
            ("measured_5_3", "measured"),
            ("theory_3", "gain 3"),
            ("measured_3", "measured"),
        ]);
        for layer in 0..=DEPTH {
            let pairs = columns.iter().flat_map(|(theory, measured)| [theory[layer], measured[layer]]);
            let cells = pairs.map(|q| Cell::fixed(q, 4));
            table.push([Cell::Count(layer as u64)].into_iter().chain(cells).collect());
        }
        let figure = Figure::new("Every gain above 1 has its own fixed point of the variance", panels);
        Output::figure(table, figure, true).notes([format!(
            "Mean squares of the pre-activations of two examples, averaged over {DRAWS} networks of {WIDTH} units per layer."
        )])
    },
};

/// The variance of every layer by theory.
fn variances(field: &MeanField, first: f64, depth: usize) -> Vec<f64> {
    std::iter::successors(Some(first), |&q| Some(field.variance(q))).take(depth + 1).collect()
}

/// One cobweb.
fn panel(gain: &str, field: &MeanField, layers: &[f64]) -> LinePanel {
    let end = 1.2 * layers.iter().copied().fold(0.0, f64::max);
    let grid = (0..=60).map(|i| end * f64::from(i) / 60.0);
    let curves = vec![
        Curve::new("V(q)", grid.map(|q| (q, field.variance(q))).collect()),
        Curve::new("layers", cobweb(layers)),
        Curve::new("V(q) = q", vec![(0.0, 0.0), (end, end)]).dashed(),
    ];
    LinePanel::new(format!("gain {gain}"), curves).x_label("Variance q").y_label("Variance of the next layer")
}
