//! Which seed is unlucky: the spread of losses over seeds, and what foretells it before the first step.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel};

use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};
use crate::studies::growth::ranks::{RankCorrelation, RankPairs};

pub(super) const ARTIFACT: Artifact<SmallSweeps> = Artifact {
    id: "unlucky",
    title: "Which seed is unlucky: losses over seeds at each gain",
    run: |sweeps| output(&sweeps.get(include_str!("../../../../../plans/small/unlucky.toml"))),
};

/// The outcome.
const LOSS: &str = "loss@200";

/// Losses below this count as learning: half of ln 10, that of guessing.
const LEARNT: f64 = std::f64::consts::LN_10 / 2.0;

/// Gains below this are on the ordered side: tanh with `σ_b² = 0.05` is critical at 1.327.
const CRITICAL: f64 = 1.327;

/// Gains on one side of criticality.
struct SeedSide {
    name: &'static str,
    /// Indices of the gains.
    gains: Vec<usize>,
}

/// One number that is known before the first step, of every cell, and how it ranks the outcomes.
struct Foreteller {
    name: String,
    /// The mean over gains of the correlation within each, over the seeds that choose.
    chosen_by: f64,
    /// The same over the other seeds.
    within: RankCorrelation,
    /// Over all cells of the other seeds.
    across: RankCorrelation,
}

/// The cells of a sweep over gain and seed.
struct SeedCells {
    gains: Vec<f64>,
    seeds: usize,
    losses: Vec<f64>,
}

impl SeedCells {
    fn of(sweep: &ComputedSweep) -> Self {
        let losses = sweep.measure(LOSS).into_iter().map(worst_if_nan).collect();
        Self { gains: sweep.numbers("gain"), seeds: sweep.axis("seed").len(), losses }
    }

    /// Values with outcomes, for even seeds or for odd ones; each gain is a stratum of its own.
    fn pairs(&self, values: &[f64], gains: &[usize], odd: usize) -> RankPairs {
        let at = |gain: usize| (odd..self.seeds).step_by(2).map(move |seed| gain * self.seeds + seed);
        let pairs = |gain: usize| at(gain).map(|cell| (values[cell], self.losses[cell])).collect();
        RankPairs { cells: gains.iter().enumerate().map(|(stratum, &gain)| (stratum, pairs(gain))).collect() }
    }

    fn foreteller(&self, name: &str, values: &[f64], gains: &[usize]) -> Foreteller {
        let [choosing, held_out] = [0, 1].map(|odd| self.pairs(values, gains, odd));
        Foreteller {
            name: name.to_owned(),
            chosen_by: choosing.within_strata().value,
            within: held_out.within_strata(),
            across: held_out.over_all(),
        }
    }

    /// The losses at a gain, from the lowest; the share of seeds beside each.
    fn spread(&self, gain: usize) -> Vec<(f64, f64)> {
        let mut losses = self.losses[gain * self.seeds..(gain + 1) * self.seeds].to_vec();
        losses.sort_by(f64::total_cmp);
        let share = |at: usize| (at as f64 + 0.5) / self.seeds as f64;
        losses.into_iter().enumerate().map(|(at, loss)| (share(at), loss)).collect()
    }

    fn sides(&self) -> [SeedSide; 2] {
        let side = |name, chaotic: bool| {
            let gains = (0..self.gains.len()).filter(|&at| (self.gains[at] > CRITICAL) == chaotic).collect();
            SeedSide { name, gains }
        };
        [side("ordered", false), side("chaotic", true)]
    }
}

/// A loss that is no number is the worst.
fn worst_if_nan(loss: f64) -> f64 {
    if loss.is_nan() { f64::INFINITY } else { loss }
}

/// Every statistic before the first step, and the gain, which is the same for all seeds of a setting.
fn foretellers(sweep: &ComputedSweep, cells: &SeedCells, side: &SeedSide) -> Vec<Foreteller> {
    let names = sweep.plan.measures.iter().map(ToString::to_string).filter(|name| name != LOSS);
    let mut all: Vec<Foreteller> =
        names.map(|name| cells.foreteller(&name, &sweep.measure(&name), &side.gains)).collect();
    all.sort_by(|one, other| other.chosen_by.abs().total_cmp(&one.chosen_by.abs()));
    let gains: Vec<f64> = cells.gains.iter().flat_map(|&gain| vec![gain; cells.seeds]).collect();
    all.push(cells.foreteller("gain", &gains, &side.gains));
    all
}

fn interval(of: RankCorrelation) -> String {
    format!("{:+.2} ({:+.2} to {:+.2})", of.value, of.low, of.high).replace('-', "−")
}

fn output(sweep: &ComputedSweep) -> Output {
    let cells = SeedCells::of(sweep);
    let mut table = Table::new(&[
        ("side", "side"),
        ("statistic", "statistic before the first step"),
        ("chosen_by", "within a gain, even seeds"),
        ("within", "within a gain, odd seeds"),
        ("within_low", "from"),
        ("within_high", "to"),
        ("across", "across gains, odd seeds"),
        ("across_low", "from"),
        ("across_high", "to"),
    ]);
    let mut brief = Table::new(&[
        ("side", "side"),
        ("gains", "gains"),
        ("learnt", "seeds below 1.15"),
        ("statistic", "best statistic before the first step"),
        ("within", "within a gain"),
        ("across", "across gains"),
        ("gain", "the gain alone, across gains"),
    ]);
    let mut panels = Vec::new();
    for side in cells.sides() {
        let all = foretellers(sweep, &cells, &side);
        for Foreteller { name, chosen_by, within, across } in &all {
            let numbers =
                [*chosen_by, within.value, within.low, within.high, across.value, across.low, across.high];
            let texts = [Cell::text(side.name), Cell::text(name)];
            table.push(texts.into_iter().chain(numbers.map(|number| Cell::signed(number, 2))).collect());
        }
        let gains = side.gains.iter().map(|&at| cells.gains[at].to_string()).collect::<Vec<_>>().join(", ");
        let learnt = side.gains.iter().map(|&at| {
            let spread = cells.spread(at);
            format!("{} of {}", spread.iter().filter(|(_, loss)| *loss < LEARNT).count(), spread.len())
        });
        let (best, gain) = (&all[0], &all[all.len() - 1]);
        brief.push(vec![
            Cell::text(side.name),
            Cell::text(gains),
            Cell::text(learnt.collect::<Vec<_>>().join(", ")),
            Cell::text(&best.name),
            Cell::text(interval(best.within)),
            Cell::text(interval(best.across)),
            Cell::text(interval(gain.across)),
        ]);
        // Names at the median; the middle one of the ordered side has more room before it.
        let shares = if side.name == "ordered" { [0.5, 0.3, 0.5] } else { [0.5; 3] };
        let curve = |(&at, share): (&usize, f64)| {
            Curve::new(format!("gain {}", cells.gains[at]), cells.spread(at)).named_at(share)
        };
        let curves = side.gains.iter().zip(shares).map(curve).collect();
        let panel = LinePanel::new(format!("the {} side", side.name), curves);
        let panel = panel.ordered_colours().level(LEARNT, "½ ln 10", Line::Dashed);
        panels.push(panel.x_label("share of the seeds").y_label("loss after 200 steps"));
    }
    let figure = Figure::new("At these gains some seeds learn and others do not", panels)
        .caption(format!(
            "16 layers of 24 tanh units, 16 random examples; the seeds of each gain in the order of their losses. A seed learns if its \
             loss falls below half of guessing's, ½ ln 10 = {LEARNT:.2}."
        ))
        .shared_axes();
    let note = "Rank correlations with the loss after 200 steps. The statistic is the one with the largest mean correlation \
                within a gain among even seeds; the numbers are those of the odd seeds, with 95% intervals from 400 resamples of them.";
    Output::figure(table, figure, false).brief(brief).notes([note.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two gains of forty seeds: an outcome that a statistic knows within each gain, and one that only the gain knows.
    fn cells(known: impl Fn(usize) -> f64) -> SeedCells {
        SeedCells { gains: vec![0.9, 2.5], seeds: 40, losses: (0..80).map(known).collect() }
    }

    #[test]
    fn what_differs_within_a_gain_and_across_gains_is_told_apart() {
        let noise = |cell: usize| (cell * 7919 % 83) as f64;
        let by_seed = cells(|cell| noise(cell) + if cell < 40 { 0.0 } else { 1000.0 });
        let values: Vec<f64> = (0..80).map(noise).collect();
        let found = by_seed.foreteller("noise", &values, &[0, 1]);
        assert_eq!((found.chosen_by, found.within.value, found.within.low), (1.0, 1.0, 1.0));
        assert!(found.across.value < 0.7, "{:?}", found.across);
        let gains: Vec<f64> = (0..80).map(|cell| if cell < 40 { 0.9 } else { 2.5 }).collect();
        let gain = by_seed.foreteller("gain", &gains, &[0, 1]);
        assert_eq!((gain.within.value, gain.chosen_by), (0.0, 0.0), "it is the same for all seeds");
        assert!(gain.across.value > 0.8);
        let unrelated: Vec<f64> = (0..80).map(|cell| (cell * 104_729 % 97) as f64).collect();
        let none = by_seed.foreteller("other", &unrelated, &[0, 1]).within;
        assert!(none.low < 0.0 && none.high > 0.0, "{none:?}");
    }

    #[test]
    fn the_spread_is_sorted_with_the_worst_last() {
        let spread =
            cells(|cell| worst_if_nan(if cell == 3 { f64::NAN } else { (80 - cell) as f64 })).spread(0);
        assert_eq!((spread[0], spread[39].1), ((0.0125, 41.0), f64::INFINITY));
        let [ordered, chaotic] = cells(|_| 0.0).sides().map(|side| side.gains);
        assert_eq!((ordered, chaotic), (vec![0], vec![1]));
    }
}
