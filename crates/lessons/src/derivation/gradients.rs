//! Squared gradients through tanh, layer by layer.

use cli::{Cell, Table};
use diagnostics::significant;
use plot::{Curve, Figure, LinePanel};

use super::chain::{ChainMoments, DrawnChain, averaged};
use super::{DRAWS, GAINS, WIDTH, tanh};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

/// Layers behind the first.
const DEPTH: usize = 8;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "gradient-map",
    title: "Squared gradients at the pre-activations of tanh layers, relative to the last",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed + 1);
        let (mut columns, mut curves) = (Vec::new(), Vec::new());
        for (name, gain) in GAINS {
            let theory = squares(gain);
            let chain = DrawnChain { field: tanh(gain), width: WIDTH, depth: DEPTH };
            let draws: Vec<ChainMoments> = (0..DRAWS).map(|_| chain.run((1.0, 0.0), &mut *source)).collect();
            let measured = averaged(&draws, |draw| &draw.gradient);
            let points = |ys: &[f64]| (0u32..).map(f64::from).zip(ys.iter().copied()).collect();
            curves.push(Curve::new(format!("gain {name}"), points(&measured)).dots());
            curves.push(Curve::new("theory", points(&theory)).dashed().same_colour());
            columns.push((theory, measured));
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
        for layer in (0..=DEPTH).rev() {
            let pairs = columns.iter().flat_map(|(theory, measured)| [theory[layer], measured[layer]]);
            let cells = pairs.map(|g| Cell::fixed(g, 3));
            table.push([Cell::Count(layer as u64)].into_iter().chain(cells).collect());
        }
        let [shrunk, _, grown] = [0, 1, 2].map(|at| columns[at].1[0]);
        let title = format!(
            "Squared gradients grow {}-fold with gain 3 and shrink {}-fold with gain 1",
            significant(grown, 2),
            significant(1.0 / shrunk, 2)
        );
        // Gradients come from the last layer: read from left to right, as they flow, up to where the curves are far apart.
        let panel = LinePanel::new("", curves).log_y().whole_x().reversed_x();
        let panel = panel.x_label("Layer").y_label("Squared gradient, relative to the last layer");
        let figure = Figure::new(title, [panel]);
        Output::figure(table, figure, true)
            .notes([format!("Averaged over two examples in {DRAWS} networks of {WIDTH} units per layer.")])
    },
};

/// The squared gradient at each layer by theory: the product of χ from it to the last.
fn squares(gain: f64) -> Vec<f64> {
    let field = tanh(gain);
    let variances: Vec<f64> =
        std::iter::successors(Some(1.0), |&q| Some(field.variance(q))).take(DEPTH).collect();
    let mut squares = vec![1.0];
    for &q in variances.iter().rev() {
        squares.push(squares[squares.len() - 1] * field.chi(q));
    }
    squares.reverse();
    squares
}
