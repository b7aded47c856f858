//! Predictors of how fast a difference grows: curvatures before training, and the growth so far.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel};
use rayon::prelude::*;

use super::look::{LOOKS, LookQuantity};
use super::ranks::{RESAMPLES, RankCorrelation, RankPairs, mean};
use super::runs::{GAINS, GrowthRun, RATES, SEEDS, recorded};
use crate::artifact::{Artifact, Output};

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "growth",
    title: "Growth of a small difference in training: what foretells it",
    run: |_| output(&recorded()),
};

/// A number that may foretell the growth.
struct Predictor {
    name: &'static str,
    /// Its value after a step, `None` where it has none.
    value: fn(&GrowthRun, u64) -> Option<f64>,
}

/// Every predictor; `rate·` makes a curvature the factor by which a step multiplies a difference, less 1.
const PREDICTORS: [Predictor; 10] = [
    Predictor { name: "gain", value: |run, step| (step == 0).then_some(run.start.gain) },
    Predictor { name: "χ₁", value: |run, step| Some(run.at(step, LookQuantity::Chi)) },
    Predictor {
        name: "rate·λ_max, all data",
        value: |run, step| Some(run.scaled(step, LookQuantity::AllMax)),
    },
    Predictor {
        name: "−rate·λ_min, all data",
        value: |run, step| Some(-run.scaled(step, LookQuantity::AllMin)),
    },
    Predictor {
        name: "rate·λ_max, a batch",
        value: |run, step| Some(run.scaled(step, LookQuantity::BatchMax)),
    },
    Predictor {
        name: "−rate·λ_min, a batch",
        value: |run, step| Some(-run.scaled(step, LookQuantity::BatchMin)),
    },
    Predictor {
        name: "rate·λ_max of G",
        value: |run, step| Some(run.scaled(step, LookQuantity::GaussNewton)),
    },
    Predictor {
        name: "rate·batch sharpness",
        value: |run, step| Some(run.scaled(step, LookQuantity::BatchSharpness)),
    },
    Predictor { name: "frozen exponent", value: |run, step| Some(run.at(step, LookQuantity::Frozen)) },
    Predictor {
        name: GROWTH,
        value: |run, step| (step > 0).then(|| run.at(step, LookQuantity::Growth) / step as f64),
    },
];

const GROWTH: &str = "growth so far";
const FROZEN: &str = "frozen exponent";

/// A growth that is foretold: its name, and its value.
type Target = (&'static str, fn(&GrowthRun) -> f64);

const WHOLE: Target = ("whole run", GrowthRun::total);
const SECOND_HALF: Target = ("second half", |run| run.total() - run.at(HALF, LookQuantity::Growth));

/// The steps of a run, and the first of its second half.
const STEPS: u64 = LOOKS[LOOKS.len() - 1];
const HALF: u64 = LOOKS[LOOKS.len() - 2];

impl GrowthRun {
    fn at(&self, step: u64, quantity: LookQuantity) -> f64 {
        self.looks.iter().find(|look| look.step == step).map_or(f64::NAN, |look| look.get(quantity))
    }

    fn scaled(&self, step: u64, quantity: LookQuantity) -> f64 {
        self.start.rate * self.at(step, quantity)
    }

    /// ln of the growth over the whole run.
    fn total(&self) -> f64 {
        self.at(STEPS, LookQuantity::Growth)
    }
}

/// The rank correlations of a predictor with the growth: over all runs, within a learning rate, and among the seeds of one gain
/// and rate.
struct PredictorRow {
    target: &'static str,
    name: &'static str,
    step: u64,
    correlations: [RankCorrelation; 3],
}

fn rows(runs: &[GrowthRun]) -> Vec<PredictorRow> {
    let looks = &LOOKS[..LOOKS.len() - 1];
    let of = |target| {
        PREDICTORS.iter().flat_map(move |predictor| looks.iter().map(move |&step| (target, predictor, step)))
    };
    let all: Vec<_> = [WHOLE, SECOND_HALF].into_iter().flat_map(of).collect();
    all.into_par_iter().filter_map(|(target, predictor, step)| row(runs, target, predictor, step)).collect()
}

fn row(
    runs: &[GrowthRun],
    (target, grown): Target,
    predictor: &Predictor,
    step: u64,
) -> Option<PredictorRow> {
    let pair = |run: &GrowthRun| Some(((predictor.value)(run, step)?, grown(run)));
    let cells = runs.chunks(SEEDS as usize).enumerate();
    let cells =
        cells.map(|(at, runs)| Some((at % RATES.len(), runs.iter().map(pair).collect::<Option<Vec<_>>>()?)));
    let pairs = RankPairs { cells: cells.collect::<Option<Vec<_>>>()? };
    let correlations = [pairs.over_all(), pairs.within_strata(), pairs.within_cells()];
    Some(PredictorRow { target, name: predictor.name, step, correlations })
}

fn output(runs: &[GrowthRun]) -> Output {
    let rows = rows(runs);
    let mut table = Table::new(&[
        ("growth", "growth over the"),
        ("predictor", "predictor"),
        ("step", "after step"),
        ("all", "over all runs"),
        ("all_low", "from"),
        ("all_high", "to"),
        ("rate", "within a rate"),
        ("rate_low", "from"),
        ("rate_high", "to"),
        ("seeds", "among seeds"),
        ("seeds_low", "from"),
        ("seeds_high", "to"),
    ]);
    for PredictorRow { target, name, step, correlations } in &rows {
        let mut cells = vec![Cell::text(*target), Cell::text(*name), Cell::Count(*step)];
        for RankCorrelation { value, low, high } in correlations {
            cells.extend([value, low, high].map(|x| Cell::fixed(*x, 2)));
        }
        table.push(cells);
    }
    let figure = Figure::new(
        "Gain and rate decide coarsely how far a difference grows; its growth by step 100 orders whole runs",
        [by_gain(runs), by_step(&rows)],
    );
    Output::figure(table, figure, false).brief(brief(&rows)).notes([note(runs)])
}

fn note(runs: &[GrowthRun]) -> String {
    let parted: Vec<&GrowthRun> = runs.iter().filter(|run| run.total() > THOUSAND.ln()).collect();
    let share = |step| {
        let mut shares: Vec<f64> =
            parted.iter().map(|run| run.at(step, LookQuantity::Growth) / run.total()).collect();
        shares.sort_by(f64::total_cmp);
        100.0 * shares[shares.len() / 2]
    };
    let frozen = runs.iter().filter(|run| run.at(0, LookQuantity::Frozen) > 0.0).count();
    format!(
        "Rank correlations (Spearman) with ln of the growth; in brackets, 95% of {RESAMPLES} resamples of the runs. Within a rate: the \
         mean over the five learning rates. Among seeds: the mean over the 40 pairs of gain and rate. Growth so far is a part of the \
         growth over the whole run, so its correlation must rise to 1. In {} of {} runs a difference grows more than a \
         thousandfold; in their median, {:.0}% of its logarithm has come about after 100 steps, {:.0}% after 300 and {:.0}% \
         after 1,000 of the 2,000. The frozen exponent before training is positive in {frozen}.",
        parted.len(),
        runs.len(),
        share(100),
        share(300),
        share(1000),
    )
}

/// A growth that shows: single precision has seven digits, and a printed loss four.
const THOUSAND: f64 = 1000.0;

/// One row per predictor.
fn brief(rows: &[PredictorRow]) -> Table {
    const COLUMNS: [(Target, usize, u64, &str, &str); 7] = [
        (WHOLE, 1, 0, "whole_0", "within a rate: whole run, before training"),
        (WHOLE, 1, 100, "whole_100", "after 100 steps"),
        (WHOLE, 1, 1000, "whole_1000", "after 1,000"),
        (WHOLE, 2, 0, "seeds_0", "among seeds, before training"),
        (WHOLE, 2, 100, "seeds_100", "after 100 steps"),
        (SECOND_HALF, 1, 0, "second_0", "within a rate: second half, before training"),
        (SECOND_HALF, 1, 1000, "second_1000", "after 1,000"),
    ];
    let columns = COLUMNS.map(|(.., key, heading)| (key, heading));
    let mut table = Table::new(&[&[("predictor", "predictor")], &columns[..]].concat());
    for Predictor { name, .. } in &PREDICTORS {
        let cell = |((target, _), at, step, ..): (Target, usize, u64, &str, &str)| {
            let row = rows.iter().find(|row| (row.target, row.name, row.step) == (target, *name, step));
            let text = row.map(|row| row.correlations[at]).filter(|estimate| estimate.low < estimate.high);
            let text = text
                .map(|RankCorrelation { value, low, high }| format!("{value:.2} ({low:.2} to {high:.2})"));
            Cell::text(text.unwrap_or_default())
        };
        table.push([Cell::text(*name)].into_iter().chain(COLUMNS.map(cell)).collect());
    }
    table
}

/// ln of the growth against the gain, one curve per learning rate.
fn by_gain(runs: &[GrowthRun]) -> LinePanel {
    let curve = |(at, rate): (usize, f64)| {
        let cells = runs.chunks(SEEDS as usize).skip(at).step_by(RATES.len());
        let (points, band) = GAINS
            .into_iter()
            .zip(cells)
            .map(|(gain, runs)| {
                let all: Vec<f64> = runs.iter().map(GrowthRun::total).collect();
                let low = all.iter().copied().fold(f64::INFINITY, f64::min);
                let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                ((gain, mean(all.iter().copied())), (low, high))
            })
            .unzip();
        Curve::new(format!("rate {rate}"), points).band(band).dots()
    };
    let curves = RATES.into_iter().enumerate().map(curve).collect();
    LinePanel::new("growth over 2,000 steps: mean and range of five seeds", curves)
        .x_label("gain of the hidden weights")
        .y_label("ln of the factor")
        .log_y()
        .level(THOUSAND.ln(), "a thousandfold", Line::Dashed)
        .ordered_colours()
}

/// The correlation within a learning rate against the step.
fn by_step(rows: &[PredictorRow]) -> LinePanel {
    let curve = |(target, name): (&'static str, &'static str)| {
        let own = rows.iter().filter(|row| (row.target, row.name) == (target, name) && row.step > 0);
        let (points, band) = own
            .map(|row| {
                let RankCorrelation { value, low, high } = row.correlations[1];
                ((row.step as f64, value), (low, high))
            })
            .unzip();
        Curve::new(format!("{target}, by {name}"), points).band(band).dots()
    };
    let curves = [(WHOLE.0, GROWTH), (WHOLE.0, FROZEN), (SECOND_HALF.0, GROWTH), (SECOND_HALF.0, FROZEN)];
    LinePanel::new(
        "rank correlation with the growth, within a learning rate, with 95% intervals",
        curves.map(curve).to_vec(),
    )
    .log_x()
    .x_label("measured after step")
    .y_label("rank correlation")
    .level(0.0, "none", Line::Dashed)
    .holding(1.0)
}
