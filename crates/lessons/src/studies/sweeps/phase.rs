//! The loss after some steps over gain and depth.

use cli::{Cell, Table};
use plot::{Curve, Figure, LinePanel};

use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};

/// The same plan that `step-zero sweep plans/small/phase.toml` takes.
const PLAN: &str = include_str!("../../../../../plans/small/phase.toml");

pub(super) const ARTIFACT: Artifact<SmallSweeps> = Artifact {
    id: "phase",
    title: "Where deep networks can be trained",
    run: |sweeps| output(&sweeps.get(PLAN)),
};

fn output(sweep: &ComputedSweep) -> Output {
    let mut table = Table::new(&[("depth", "depth"), ("gain", "gain"), ("loss", "loss after 200 steps")]);
    let (gains, seeds) = (sweep.numbers("gain"), sweep.axis("seed").len());
    let losses = sweep.measure("loss@200");
    let mut cells = losses.chunks(seeds).map(|seeds| seeds.iter().sum::<f64>() / seeds.len() as f64);
    let mut curves = Vec::new();
    for depth in sweep.numbers("depth") {
        let points: Vec<(f64, f64)> = gains.iter().copied().zip(&mut cells).collect();
        for &(gain, loss) in &points {
            table.push(vec![Cell::Count(depth as u64), Cell::fixed(gain, 2), Cell::fixed(loss, 3)]);
        }
        curves.push(Curve::new(format!("{depth} layers"), points).dots());
    }
    let panel = LinePanel::new("", curves).log_x().x_label("gain σ_w").y_label("loss after 200 steps");
    Output::figure(table, Figure::new("Deep networks learn near the critical gain", [panel]), false)
}
