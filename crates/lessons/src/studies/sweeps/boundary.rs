//! The boundary of trainability over gain and learning rate, with the learning rate that the Hessian allows before training.

use cli::{Cell, Failure, Table};
use diagnostics::significant;
use plot::{Curve, Figure, MapAxis, MapPanel, Scale};

use super::boxes::mixed_boxes;
use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};

pub(super) const BOUNDARY: Artifact<SmallSweeps> = Artifact {
    id: "boundary",
    title: "The boundary of trainability over gain and learning rate",
    run: |sweeps| {
        let map = BoundaryMap::of(&sweeps.get(include_str!("../../../../../plans/small/boundary.toml")));
        let edge = sweeps.get(include_str!("../../../../../plans/small/boundary-hessian.toml"));
        let edges: Vec<f64> = edge.measure("hessian_max").into_iter().map(|largest| 2.0 / largest).collect();
        output(&map, &edges)
    },
};

pub(super) const ZOOMS: Artifact<SmallSweeps> = Artifact {
    id: "boundary-zooms",
    title: "The boundary of trainability, enlarged three times",
    run: |sweeps| {
        let plans = [
            include_str!("../../../../../plans/small/boundary-zoom-1.toml"),
            include_str!("../../../../../plans/small/boundary-zoom-2.toml"),
            include_str!("../../../../../plans/small/boundary-zoom-3.toml"),
        ];
        zooms(&plans.map(|plan| BoundaryMap::of(&sweeps.get(plan))))
    },
};

/// A map of networks, each converged or diverged.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundaryMap {
    gains: Vec<f64>,
    rates: Vec<f64>,
    /// For each gain, one for each rate: what a colour stands for, negative if the network converged.
    scores: Vec<f64>,
}

/// The columns that a map is made from.
const MEASURES: [&str; 3] = ["diverged@end", "mean_loss@end", "inverse_losses@end"];

/// The least size of a score, which keeps both sides apart.
const LEAST: f64 = 0.12;

/// The ends of the colours on both sides: mean losses of networks that converged, and sums of inverse losses of others.
const MEAN_LOSSES: [f64; 2] = [2.1, 0.04];
const INVERSE_LOSSES: [f64; 2] = [0.01, 50.0];

/// The score of a network; beyond the ends of the colours, that of the end.
fn score([diverged, mean_loss, inverse_losses]: [f64; 3]) -> f64 {
    let (value, [low, high], sign) =
        if diverged == 0.0 { (mean_loss, MEAN_LOSSES, -1.0) } else { (inverse_losses, INVERSE_LOSSES, 1.0) };
    let part = ((value / low).ln() / (high / low).ln()).clamp(0.0, 1.0);
    // A mean that is not finite is one of the largest.
    let part = if part.is_nan() { 0.0 } else { part };
    sign * (LEAST + (1.0 - LEAST) * part)
}

impl BoundaryMap {
    /// The map of a sweep whose axes are gain and learning rate.
    fn of(sweep: &ComputedSweep) -> Self {
        let [diverged, mean, inverse] = MEASURES.map(|name| sweep.measure(name));
        let scores = (0..diverged.len()).map(|at| score([diverged[at], mean[at], inverse[at]]));
        Self { gains: sweep.numbers("gain"), rates: sweep.numbers("learning_rate"), scores: scores.collect() }
    }

    /// The map of a merged table, `table.csv` of a sweep over gain and learning rate.
    ///
    /// # Errors
    /// If the table has not these axes and measures, or a row is missing.
    pub fn of_table(table: &str) -> Result<Self, Failure> {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let unread = |error: csv::Error| Failure::new(format!("the table cannot be read: {error}"));
        let header = reader.headers().map_err(unread)?.clone();
        let column = |name: &str| {
            let at = header.iter().position(|heading| heading == name);
            at.ok_or_else(|| {
                Failure::new(format!("the table has no column {name}; this figure is of plans/boundary.toml"))
            })
        };
        let (gain, rate) = (column("gain")?, column("learning_rate")?);
        let measures = [column(MEASURES[0])?, column(MEASURES[1])?, column(MEASURES[2])?];
        let mut map = Self { gains: Vec::new(), rates: Vec::new(), scores: Vec::new() };
        for record in reader.records() {
            let record = record.map_err(unread)?;
            let number = |at: usize| record[at].parse::<f64>();
            let values = || -> Result<_, std::num::ParseFloatError> {
                let [diverged, mean, inverse] = measures;
                Ok((number(gain)?, number(rate)?, [number(diverged)?, number(mean)?, number(inverse)?]))
            };
            let (gain, rate, measured) = values()
                .map_err(|error| Failure::new(format!("a row of the table is no row of numbers: {error}")))?;
            if map.gains.last() != Some(&gain) {
                map.gains.push(gain);
            }
            if map.gains.len() == 1 {
                map.rates.push(rate);
            }
            map.scores.push(score(measured));
        }
        let (gains, rates) = (map.gains.len(), map.rates.len());
        if map.scores.len() != gains * rates || rates == 0 {
            let rows = map.scores.len();
            return Err(Failure::new(format!(
                "{rows} rows are not those of {gains} gains and {rates} rates; merge all shards"
            )));
        }
        Ok(map)
    }

    /// The map as a panel.
    fn panel(&self, title: &str) -> MapPanel {
        MapPanel::plane(title, MapAxis::of(&self.rates), MapAxis::of(&self.gains), &self.scores)
            .scale(Scale::Diverging)
            .range(-1.0, 1.0)
            .ramp("converged (darkest: fast) to diverged (darkest: late)")
            .x_label("learning rate")
            .y_label("gain")
    }

    /// The map as a figure of its own under a title, with the number of its cells.
    pub fn figure(&self, title: &str) -> Figure {
        let (gains, rates) = (self.gains.len(), self.rates.len());
        let caption = format!("{gains} × {rates} networks from one draw");
        Figure::new(title, [self.panel("")]).caption(caption)
    }

    /// The finding as a title: how many networks diverged, and how many neighbours part.
    pub fn finding(&self) -> String {
        let [diverged, parted] = [self.diverged(), self.parted()].map(|share| significant(100.0 * share, 3));
        format!("{diverged}% of these networks diverge, and {parted}% of neighbours part")
    }

    /// The share of networks that diverged.
    pub fn diverged(&self) -> f64 {
        self.scores.iter().filter(|&&score| score > 0.0).count() as f64 / self.scores.len() as f64
    }

    /// For squares of 1, 2, 4, … steps, up to an eighth of the map: the side, and how many hold both converged and diverged networks.
    pub fn boxes(&self) -> Vec<(usize, usize)> {
        let diverged: Vec<bool> = self.scores.iter().map(|&score| score > 0.0).collect();
        let most = self.gains.len().min(self.rates.len()) / 8;
        let sides =
            std::iter::successors(Some(1), |side| Some(2 * side)).take_while(|&side| side <= most.max(1));
        sides.map(|side| (side, mixed_boxes(&diverged, self.rates.len(), side))).collect()
    }

    /// The scores of a gain.
    fn row(&self, gain: usize) -> &[f64] {
        &self.scores[gain * self.rates.len()..][..self.rates.len()]
    }

    /// The share of pairs of neighbouring networks of which one converged and one diverged.
    pub fn parted(&self) -> f64 {
        let (columns, differ) = (self.rates.len(), |a: f64, b: f64| (a < 0.0) != (b < 0.0));
        let beside =
            self.scores.chunks(columns).flat_map(|row| row.windows(2)).map(|pair| differ(pair[0], pair[1]));
        let above = self.scores.iter().zip(&self.scores[columns..]).map(|(&a, &b)| differ(a, b));
        let pairs: Vec<bool> = beside.chain(above).collect();
        pairs.iter().filter(|&&parted| parted).count() as f64 / pairs.len() as f64
    }

    /// The least learning rate that diverges, and the largest that converges; NaN if there is none.
    fn boundary(&self, gain: usize) -> [f64; 2] {
        let row = self.row(gain);
        let rate = |at: Option<usize>| at.map_or(f64::NAN, |at| self.rates[at]);
        [rate(row.iter().position(|&score| score > 0.0)), rate(row.iter().rposition(|&score| score < 0.0))]
    }
}

/// The gain from which exponents are fitted: well above those at which layers keep the size of signals.
const LARGE: f64 = 2.0;

/// The slope of ln y over ln x by least squares, and two of its standard errors.
fn exponent(points: &[(f64, f64)]) -> [f64; 2] {
    let n = points.len() as f64;
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let slope = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let residuals: f64 = logs.iter().map(|(x, y)| (y - y_mean - slope * (x - x_mean)).powi(2)).sum();
    [slope, 2.0 * (residuals / (n - 2.0) / spread).sqrt()]
}

/// The finding: the factor by which 2/λ falls short of the rates that converge at the largest gain.
fn title(map: &BoundaryMap, edges: &[f64]) -> String {
    let last = map.gains.len() - 1;
    let [first, _] = map.boundary(last);
    let factor = significant(first / edges[last], 1);
    format!("At small gains divergence begins near 2/λ; at gain {}, at {factor} times it", map.gains[last])
}

/// Gains of the short table.
const SHOWN: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

fn output(map: &BoundaryMap, edges: &[f64]) -> Output {
    let columns = [
        ("gain", "gain"),
        ("first", "least rate that diverges"),
        ("last", "largest rate that converges"),
        ("edge", "2/λ before training"),
        ("ratio", "least rate that diverges · λ/2"),
    ];
    let (mut table, mut brief) = (Table::new(&columns), Table::new(&columns));
    let nearest = |wanted: f64| {
        let distance = |at: &usize| (map.gains[*at] / wanted).ln().abs();
        (0..map.gains.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    let shown: Vec<_> = SHOWN.into_iter().filter_map(nearest).collect();
    for (at, (&gain, &edge)) in map.gains.iter().zip(edges).enumerate() {
        let [first, last] = map.boundary(at);
        let row = || [gain, first, last, edge, first / edge].map(|x| Cell::fixed(x, 3)).to_vec();
        table.push(row());
        if shown.contains(&at) {
            brief.push(row());
        }
    }
    let curve = edges.iter().copied().zip(map.gains.iter().copied()).collect();
    let panel = map.panel("").curve(Curve::new("2/λ before training", curve));
    let last = map.gains.len() - 1;
    let figure = Figure::new(title(map, edges), [panel]).caption(format!(
        "One hidden layer of 16 GELU units, 32 examples of a teacher's 8 classes, 100 steps of gradient descent; λ: the Hessian's \
         largest eigenvalue. At gain {}, 2/λ is {}, left of the map.",
        map.gains[last],
        significant(edges[last], 1)
    ));
    let large: Vec<usize> = (0..map.gains.len()).filter(|&at| map.gains[at] >= LARGE).collect();
    let fitted = |of: &dyn Fn(usize) -> f64| {
        let [slope, error] = exponent(&large.iter().map(|&at| (map.gains[at], of(at))).collect::<Vec<_>>());
        format!("{slope:.2} ± {error:.2}")
    };
    let note = format!(
        "From gain {LARGE:.0} on, the least rate that diverges goes as gain to the power {}, and 2/λ as gain to the power {} (slopes of \
         logarithms over {} gains ± two standard errors).",
        fitted(&|at| map.boundary(at)[0]),
        fitted(&|at| edges[at]),
        large.len()
    );
    Output::figure(table, figure, false).brief(brief).notes([note])
}

/// The distance of neighbouring single-precision numbers, relative to them: at most this.
const SPACING: f64 = f32::EPSILON as f64;

fn zooms(maps: &[BoundaryMap]) -> Output {
    let mut table = Table::new(&[
        ("map", "map"),
        ("gains", "gains"),
        ("rates", "learning rates"),
        ("diverged", "diverged"),
        ("mixed", "neighbours that part"),
        ("spacing", "f32 numbers between neighbours"),
    ]);
    for (map, number) in maps.iter().zip(1..) {
        let range = |axis: &[f64]| format!("{} to {}", axis[0], axis[axis.len() - 1]);
        let step = |axis: &[f64]| (axis[1] / axis[0]).ln();
        let diverged = map.scores.iter().filter(|&&score| score > 0.0).count() as f64;
        table.push(vec![
            Cell::text(format!("zoom {number}")),
            Cell::text(range(&map.gains)),
            Cell::text(range(&map.rates)),
            Cell::percent(diverged / map.scores.len() as f64),
            Cell::percent(map.parted()),
            Cell::Count((step(&map.gains).min(step(&map.rates)) / SPACING) as u64),
        ]);
    }
    let panels = maps.iter().zip(1..).map(|(map, number)| map.panel(&format!("zoom {number}")));
    let figure = Figure::new("Each of three enlargements shows more structure", panels)
        .caption("Each panel is a part of the one before it; networks and training as in the whole map");
    Output::figure(table, figure, true)
}

#[cfg(test)]
mod tests {
    use sweep::SweepPlan;

    use super::*;

    fn is_shown(plan: &SweepPlan) -> bool {
        let axes: Vec<&str> = plan.axes.iter().map(|axis| axis.setting.name).collect();
        let measures: Vec<String> = plan.measures.iter().map(ToString::to_string).collect();
        axes == ["gain", "learning_rate"] && measures == MEASURES
    }

    #[test]
    fn scores_tell_the_sides_apart_and_grow_towards_the_boundary() {
        // Converged: the sooner, the darker.
        let converged = [2.2, 1.0, 0.1, 0.01].map(|mean| score([0.0, mean, 1.0]));
        assert!(converged.is_sorted_by(|a, b| a >= b) && converged[3] == -1.0, "{converged:?}");
        let diverged = [0.0, 0.1, 5.0, 1e3].map(|inverse| score([1.0, f64::NAN, inverse]));
        assert!(diverged.is_sorted() && diverged[3] == 1.0, "{diverged:?}");
        assert_eq!([converged[0], diverged[0]], [-LEAST, LEAST]);
        assert_eq!(score([0.0, f64::INFINITY, 1.0]), -LEAST);
    }

    #[test]
    fn the_exponent_of_a_power_is_its_own() {
        let points: Vec<(f64, f64)> =
            (2..20).map(|x| (f64::from(x), 3.0 * f64::from(x).powf(-1.5))).collect();
        let [slope, error] = exponent(&points);
        assert!((slope + 1.5).abs() < 1e-12 && error < 1e-12, "{slope} {error}");
        let mut bent = points;
        bent[0].1 *= 2.0;
        assert!(exponent(&bent)[1] > 0.05, "{:?}", exponent(&bent));
    }

    const TABLE: &str = "gain,learning_rate,diverged@end,mean_loss@end,inverse_losses@end\n0.5,1.0,0.0,0.5,9.0\n0.5,2.0,1.0,NaN,3.0\n\
                         0.5,3.0,0.0,1.5,3.0\n2.0,1.0,0.0,0.5,9.0\n2.0,2.0,0.0,0.5,8.0\n2.0,3.0,0.0,0.5,7.0\n";

    #[test]
    fn a_table_is_read_as_a_map() {
        let map = BoundaryMap::of_table(TABLE).unwrap();
        assert_eq!((&map.gains[..], &map.rates[..]), (&[0.5, 2.0][..], &[1.0, 2.0, 3.0][..]));
        assert_eq!(map.boundary(0), [2.0, 3.0]);
        // Two of four pairs beside each other, one of three above.
        assert!((map.parted() - 3.0 / 7.0).abs() < 1e-15);
        assert_eq!(map.finding(), "16.7% of these networks diverge, and 42.9% of neighbours part");
        assert!(map.boundary(1)[0].is_nan() && map.boundary(1)[1] == 3.0);
        for (from, to, message) in [
            ("2.0,3.0,0.0,0.5,7.0\n", "", "5 rows are not those of 2 gains and 3 rates"),
            ("mean_loss@end", "loss", "no column mean_loss@end"),
            ("9.0\n0.5,2", "x\n0.5,2", "no row of numbers"),
        ] {
            let error = BoundaryMap::of_table(&TABLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn the_committed_plans_are_shown_and_each_zoom_is_inside_the_map_before_it() {
        let plans = [
            include_str!("../../../../../plans/boundary.toml"),
            include_str!("../../../../../plans/boundary-zoom-1.toml"),
            include_str!("../../../../../plans/boundary-zoom-2.toml"),
            include_str!("../../../../../plans/boundary-zoom-3.toml"),
        ]
        .map(|text| SweepPlan::parse(text).unwrap());
        assert!(plans.iter().all(is_shown));
        assert!(!is_shown(&SweepPlan::parse(include_str!("../../../../../plans/quick.toml")).unwrap()));
        let ends = |plan: &SweepPlan, axis: usize| {
            let cells = plan.cells();
            let settings = [plan.settings(0), plan.settings(cells - 1)];
            settings.map(|cell| if axis == 0 { cell.gain } else { cell.learning_rate })
        };
        for pair in plans.windows(2) {
            for axis in [0, 1] {
                let ([low, high], [inner_low, inner_high]) = (ends(&pair[0], axis), ends(&pair[1], axis));
                assert!(low < inner_low && inner_low < inner_high && inner_high < high);
            }
        }
    }
}
