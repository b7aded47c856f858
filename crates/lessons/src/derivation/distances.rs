//! One number for distances and gradients: χ₁, and the depth that follows from it.

use cli::{Cell, Table};
use mean_field::{Activation, CriticalPoint, MeanField};

use super::chain::{ChainMoments, DrawnChain, averaged};
use super::{DRAWS, WIDTH};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

/// Layers behind the first.
const DEPTH: usize = 6;
/// `1 − c` of the first pre-activations: near enough for the slope of the correlation map at 1 to decide.
const NEAR: f64 = 1e-4;

/// `σ_b²`.
const BIAS: f64 = 0.05;

/// The `σ_w²` at which χ₁ is 1.
fn critical() -> f64 {
    CriticalPoint::of_bias(Activation::Tanh, BIAS).map_or(f64::NAN, |point| point.field.weight)
}

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "depth-scales",
    title: "χ₁ of tanh with σ_b² = 0.05: distances, gradients, and depth scales",
    run: |lesson: &Lesson| {
        let mut source = lesson.source.generator(lesson.seed + 3);
        let mut table = Table::new(&[
            ("weight", "σ_w²"),
            ("variance", "q*"),
            ("chi", "χ₁"),
            ("distance", "squared distance per layer"),
            ("gradient", "squared gradient per layer"),
            ("phase", "phase"),
            ("depth", "ξ_c"),
            ("trainable", "6·ξ_c"),
        ]);
        for weight in [1.0, 1.3, critical(), 2.5, 4.0] {
            let field = MeanField { activation: Activation::Tanh, weight, bias: BIAS };
            let q = field.fixed_variance(1.0);
            let chain = DrawnChain { field, width: WIDTH, depth: DEPTH };
            let draws: Vec<ChainMoments> =
                (0..DRAWS).map(|_| chain.run((q, 1.0 - NEAR), &mut *source)).collect();
            let distance = averaged(&draws, |draw| &draw.distance);
            let gradient = averaged(&draws, |draw| &draw.gradient);
            let per_layer = |ratio: f64| ratio.powf(1.0 / DEPTH as f64);
            let depth = field.correlation_depth(q);
            let finite = |depth: f64| {
                if depth.is_finite() { Cell::fixed(depth, 1) } else { Cell::text("∞") }
            };
            table.push(vec![
                Cell::fixed(weight, 2),
                Cell::fixed(q, 4),
                Cell::fixed(field.chi(q), 3),
                Cell::fixed(per_layer(distance[DEPTH] / distance[0]), 3),
                Cell::fixed(per_layer(gradient[0]), 3),
                Cell::text(field.phase().to_string()),
                finite(depth),
                finite(6.0 * depth),
            ]);
        }
        Output::table(table).notes([format!(
            "Measured over {DEPTH} layers of {WIDTH} units, geometric means over the layers of averages over {DRAWS} networks; two examples with a cosine of 0.9999."
        )])
    },
};
