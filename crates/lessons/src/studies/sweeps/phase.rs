//! Where deep networks learn: the loss after some steps over gain and depth, with theory's depth on top.

use cli::{Cell, Table};
use mean_field::{Activation, MeanField};
use plot::{Curve, Figure, MapAxis, MapPanel};
use sweep::PlanValue;

use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};

pub(super) const ACTIVATIONS: Artifact<SmallSweeps> = Artifact {
    id: "phase",
    title: "Where deep networks learn: four activations",
    run: |sweeps| {
        let title = "Deep tanh and erf networks learn where theory says that signals reach the end";
        output(&activations(sweeps), title, "weights from N(0, σ_w²/fan-in), biases from N(0, 0.05)")
    },
};

pub(super) const BIASES: Artifact<SmallSweeps> = Artifact {
    id: "phase-bias",
    title: "Where deep networks learn: tanh with three variances of biases",
    run: |sweeps| {
        let title = "Biases move the gains at which deep tanh networks learn, mostly as theory says";
        output(&biases(sweeps), title, "tanh; weights from N(0, σ_w²/fan-in), biases from N(0, σ_b²)")
    },
};

fn activations(sweeps: &SmallSweeps) -> Vec<PhasePlane> {
    let sweep = sweeps.get(include_str!("../../../../../plans/small/phase.toml"));
    PhasePlane::all(&sweep, "activation")
}

/// Two variances of their own, and between them that of the other plan.
fn biases(sweeps: &SmallSweeps) -> Vec<PhasePlane> {
    let sweep = sweeps.get(include_str!("../../../../../plans/small/phase-bias.toml"));
    let tanh = activations(sweeps).into_iter().filter(|plane| plane.activation == Activation::Tanh);
    let mut planes: Vec<PhasePlane> = PhasePlane::all(&sweep, "bias").into_iter().chain(tanh).collect();
    planes.sort_by(|one, other| one.bias.total_cmp(&other.bias));
    for plane in &mut planes {
        plane.name = format!("σ_b² = {:.2}", plane.bias.powi(2));
    }
    planes
}

/// The steps after which the loss is measured.
const LOSS: &str = "loss@200";

/// The depth to which signals travel, in units of `ξ_c`: an empirical factor (Schoenholz et al. 2017).
const REACH: f64 = 6.0;

/// Classes of the data; guessing costs ln of it.
const CLASSES: f64 = 10.0;

/// Points of a curve of theory.
const POINTS: usize = 600;

/// One panel: an activation with a variance of biases.
struct PhasePlane {
    name: String,
    activation: Activation,
    bias: f64,
    gains: Vec<f64>,
    depths: Vec<f64>,
    /// Row by row, one for each depth.
    losses: Vec<f64>,
    /// `ξ_c` of each loss.
    scales: Vec<f64>,
}

impl PhasePlane {
    /// The panels of a plan with the axes `of`, depth and gain.
    fn all(sweep: &ComputedSweep, of: &str) -> Vec<Self> {
        let (gains, depths) = (sweep.numbers("gain"), sweep.numbers("depth"));
        let (losses, scales) = (sweep.measure(LOSS), sweep.measure("xi_c"));
        let size = gains.len() * depths.len();
        let plane = |(at, value): (usize, &PlanValue)| {
            let settings = sweep.plan.settings((at * size) as u64);
            let part = at * size..(at + 1) * size;
            let name = value.to_string().replace("relu", "ReLU").replace("gelu", "GELU");
            let (activation, bias) = (settings.activation, settings.bias);
            let (losses, scales) = (losses[part.clone()].to_vec(), scales[part].to_vec());
            Self { name, activation, bias, gains: gains.clone(), depths: depths.clone(), losses, scales }
        };
        sweep.axis(of).iter().enumerate().map(plane).collect()
    }

    /// Depth, gain, loss and `ξ_c` of every cell.
    fn cells(&self) -> impl Iterator<Item = [f64; 4]> + '_ {
        let across = self.gains.len();
        let cell = move |at: usize| {
            [self.depths[at / across], self.gains[at % across], self.losses[at], self.scales[at]]
        };
        (0..self.losses.len()).map(cell)
    }

    fn field(&self, gain: f64) -> MeanField {
        MeanField { activation: self.activation, weight: gain.powi(2), bias: self.bias.powi(2) }
    }

    /// The depth that signals reach, over gains; NaN where theory has none.
    fn reach(&self) -> Vec<(f64, f64)> {
        let (first, last) = (self.gains[0], self.gains[self.gains.len() - 1]);
        let half = (last / first).powf(0.5 / (self.gains.len() - 1) as f64);
        let (low, high) = (first / half, last * half);
        let gain = |at: usize| low * (high / low).powf(at as f64 / (POINTS - 1) as f64);
        (0..POINTS).map(|at| (gain(at), self.reach_at(gain(at)))).collect()
    }

    /// A negative depth scale is one in which the variance grows, and no reach.
    fn reach_at(&self, gain: f64) -> f64 {
        let field = self.field(gain);
        let scale = field.correlation_depth(field.fixed_variance(1.0));
        if scale >= 0.0 { REACH * scale } else { f64::NAN }
    }

    fn panel(&self) -> MapPanel {
        MapPanel::plane(&self.name, MapAxis::of(&self.gains), MapAxis::of(&self.depths), &self.losses)
            .range(0.0, CLASSES.ln())
            .ramp("loss after 200 steps: 0 to 2.3, that of guessing")
            .not_finite("overflow")
            .curve(Curve::new("6 ξ_c: the depth that signals reach, by theory", self.reach()))
            .x_label("gain σ_w")
            .y_label("hidden layers")
    }
}

/// The side of criticality that a cell is on.
#[derive(Clone, Copy, PartialEq)]
enum PhaseSide {
    Ordered,
    Chaotic,
    /// The variance grows without bound.
    Growing,
}

impl PhaseSide {
    const ALL: [(Self, &str); 3] =
        [(Self::Ordered, "ordered"), (Self::Chaotic, "chaotic"), (Self::Growing, "variance grows")];

    fn of(field: &MeanField) -> Self {
        let fixed = field.fixed_variance(1.0);
        match field.chi(fixed) {
            _ if fixed.is_infinite() => Self::Growing,
            chi if chi <= 1.0 => Self::Ordered,
            _ => Self::Chaotic,
        }
    }
}

/// The parts of the depth, in units of `|ξ_c|`, in which cells are counted.
const PARTS: [(f64, f64); 4] = [(0.0, 3.0), (3.0, 6.0), (6.0, 12.0), (12.0, f64::INFINITY)];

/// A loss below half of guessing counts as learning.
fn learns(loss: f64) -> bool {
    loss < CLASSES.ln() / 2.0
}

/// `12 of 13`: the cells of a part that learn.
fn share(cells: &[[f64; 4]], (from, to): (f64, f64)) -> String {
    let inside = |[depth, _, _, scale]: &&[f64; 4]| (from..to).contains(&(depth / scale.abs()));
    let losses: Vec<f64> = cells.iter().filter(inside).map(|[_, _, loss, _]| *loss).collect();
    let learnt = losses.iter().filter(|&&loss| learns(loss)).count();
    if losses.is_empty() { "–".to_owned() } else { format!("{learnt} of {}", losses.len()) }
}

fn output(planes: &[PhasePlane], title: &str, draws: &str) -> Output {
    let mut table = Table::new(&[
        ("panel", "panel"),
        ("depth", "hidden layers"),
        ("gain", "σ_w"),
        ("loss", "loss after 200 steps"),
        ("reach", "6·ξ_c"),
    ]);
    let mut brief = Table::new(&[
        ("panel", "panel"),
        ("side", "side of criticality"),
        ("near", "depth < 3|ξ_c|"),
        ("inside", "3 to 6|ξ_c|"),
        ("outside", "6 to 12|ξ_c|"),
        ("far", "beyond 12|ξ_c|"),
    ]);
    for plane in planes {
        for [depth, gain, loss, scale] in plane.cells() {
            table.push(vec![
                Cell::text(&plane.name),
                Cell::Count(depth as u64),
                Cell::fixed(gain, 3),
                Cell::fixed(loss, 3),
                Cell::fixed(REACH * scale, 1),
            ]);
        }
        for (side, name) in PhaseSide::ALL {
            let cells: Vec<[f64; 4]> =
                plane.cells().filter(|[_, gain, ..]| PhaseSide::of(&plane.field(*gain)) == side).collect();
            if !cells.is_empty() {
                let shares = PARTS.map(|part| Cell::text(share(&cells, part)));
                brief.push([Cell::text(&plane.name), Cell::text(name)].into_iter().chain(shares).collect());
            }
        }
    }
    let figure = Figure::new(title, planes.iter().map(PhasePlane::panel))
        .caption(format!("32 random examples, 64 units per layer, gradient descent at 0.01; {draws}"));
    let note = "Cells that learn, of those in each part of the depth: a loss below half of ln 10, that of guessing. ξ_c is the \
                number of layers in which correlations approach their limit e-fold; where the variance grows, it is the number in which \
                the variance does so e-fold.";
    Output::figure(table, figure, false).brief(brief).notes([note.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tanh(bias: f64) -> PhasePlane {
        let (gains, depths) = (vec![0.7, 2.8], vec![4.0, 60.0]);
        let (losses, scales) = (vec![0.0; 4], vec![1.0; 4]);
        PhasePlane { name: String::new(), activation: Activation::Tanh, bias, gains, depths, losses, scales }
    }

    /// `ξ_c` of tanh with `σ_b² = 0.05` by an independent quadrature: `σ_w²`, `ξ_c`.
    const TABLE: [(f64, f64); 9] = [
        (1.0, 3.627),
        (1.3, 7.834),
        (1.5, 15.79),
        (1.7, 74.92),
        (1.8, 125.8),
        (2.0, 25.21),
        (2.5, 11.80),
        (3.0, 9.052),
        (4.0, 6.980),
    ];

    #[test]
    fn the_curve_is_six_times_the_depth_scale_of_the_table() {
        let plane = tanh(0.05_f64.sqrt());
        for (weight, scale) in TABLE {
            let reach = plane.reach_at(weight.sqrt());
            // Half a unit of the table's last digit.
            assert!((reach / REACH / scale - 1.0).abs() < 5e-4, "σ_w² = {weight}: {reach}");
        }
        let curve = plane.reach();
        let highest = curve.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((highest.0.powi(2) - 1.761).abs() < 0.02, "it is highest at the critical gain: {highest:?}");
    }

    #[test]
    fn the_sides_of_relu_are_parted_at_two_where_its_curve_ends() {
        let relu = PhasePlane { activation: Activation::Relu, ..tanh(0.05_f64.sqrt()) };
        assert!(relu.reach_at(1.41) > 1000.0 && relu.reach_at(1.42).is_nan());
        let sides = [1.41, 1.42].map(|gain| PhaseSide::of(&relu.field(gain)));
        assert!(sides == [PhaseSide::Ordered, PhaseSide::Growing]);
        assert!(
            [1.3, 1.35].map(|gain| PhaseSide::of(&tanh(0.05_f64.sqrt()).field(gain)))
                == [PhaseSide::Ordered, PhaseSide::Chaotic]
        );
    }

    #[test]
    fn shares_count_each_cell_in_one_part() {
        // Depth, gain, loss, ξ_c.
        let cells = [
            [10.0, 1.0, 0.1, 5.0],
            [29.0, 1.0, 2.3, 5.0],
            [30.0, 1.0, 0.1, 5.0],
            [30.0, 1.0, f64::NAN, -1.0],
        ];
        assert_eq!(PARTS.map(|part| share(&cells, part)), ["1 of 1", "0 of 1", "1 of 1", "0 of 1"]);
        assert_eq!(share(&cells, (100.0, 200.0)), "–");
    }
}
