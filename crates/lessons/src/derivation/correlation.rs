//! The correlation map, and the cosines of two examples in drawn networks.

use cli::{Cell, Table};
use mean_field::{Activation, MeanField};
use plot::{Curve, Figure, LinePanel};

use super::chain::{ChainMoments, DrawnChain, averaged};
use super::{DRAWS, WIDTH, cobweb, tanh};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

/// Layers behind the first.
const DEPTH: usize = 6;
/// The cosine of the first pre-activations.
const FIRST: f64 = 0.6;

/// An ordered, a chaotic and a critical network, with their names and keys.
fn fields() -> [(&'static str, MeanField); 3] {
    [
        ("tanh, σ_w² = 1, σ_b² = 0.1", MeanField { bias: 0.1, ..tanh(1.0) }),
        ("tanh, gain 5/3", tanh(5.0 / 3.0)),
        ("ReLU, gain √2", MeanField { activation: Activation::Relu, weight: 2.0, bias: 0.0 }),
    ]
}

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "correlation-map",
    title: "The correlation map of three networks, layer by layer",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed + 2);
        let (mut columns, mut panels) = (Vec::new(), Vec::new());
        for (name, field) in fields() {
            let q = field.fixed_variance(1.0);
            let theory: Vec<f64> = std::iter::successors(Some(FIRST), |&c| Some(field.correlation(q, c)))
                .take(DEPTH + 1)
                .collect();
            let chain = DrawnChain { field, width: WIDTH, depth: DEPTH };
            let draws: Vec<ChainMoments> = (0..DRAWS).map(|_| chain.run((q, FIRST), &mut *source)).collect();
            panels.push(panel(name, &field, q, &theory));
            columns.push((theory, averaged(&draws, |draw| &draw.cosine)));
        }
        let mut table = Table::new(&[
            ("layer", "layer"),
            ("theory_ordered", "tanh, σ_w² = 1, σ_b² = 0.1"),
            ("measured_ordered", "measured"),
            ("theory_chaotic", "tanh, gain 5/3"),
            ("measured_chaotic", "measured"),
            ("theory_relu", "ReLU, gain √2"),
            ("measured_relu", "measured"),
        ]);
        for layer in 0..=DEPTH {
            let pairs = columns.iter().flat_map(|(theory, measured)| [theory[layer], measured[layer]]);
            let cells = pairs.map(|c| Cell::fixed(c, 3));
            table.push([Cell::Count(layer as u64)].into_iter().chain(cells).collect());
        }
        let title = "Two inputs meet in an ordered network, part in a chaotic one, and meet slowly with ReLU";
        let figure = Figure::new(title, panels);
        Output::figure(table, figure, true).notes([format!(
            "Cosines between the pre-activations of two examples, averaged over {DRAWS} networks of {WIDTH} units per layer; both examples start at the fixed point of the variance."
        )])
    },
};

/// Intervals of the curve: each point takes a million evaluations of f.
const INTERVALS: u32 = 20;

/// One cobweb.
fn panel(name: &str, field: &MeanField, q: f64, layers: &[f64]) -> LinePanel {
    let grid = (0..INTERVALS).map(|i| f64::from(i) / f64::from(INTERVALS));
    let map = grid.map(|c| (c, field.correlation(q, c))).chain([(1.0, 1.0)]).collect();
    let curves = vec![
        Curve::new("C(c)", map),
        Curve::new("layers", cobweb(layers)),
        Curve::new("C(c) = c", vec![(0.0, 0.0), (1.0, 1.0)]).dashed(),
    ];
    LinePanel::new(name, curves).x_label("Correlation c").y_label("Correlation in the next layer")
}
