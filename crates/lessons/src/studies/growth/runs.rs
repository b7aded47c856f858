//! The runs of the study: every gain with every learning rate, several seeds each; and their committed record.

use cli::{Cell, Progress, Table};
use rayon::prelude::*;

use super::look::{COLUMNS, LOOKS, Look, looks};
use super::pair::{Start, data};
use crate::artifact::{Artifact, Output};

/// The gains of the hidden weights.
pub(super) const GAINS: [f64; 8] = [0.5, 1.0, 1.35, 5.0 / 3.0, 2.0, 2.5, 3.0, 4.0];
/// The learning rates.
pub(super) const RATES: [f64; 5] = [0.01, 0.03, 0.1, 0.3, 1.0];
/// Runs of each gain and rate. No two runs have the same seed.
pub(super) const SEEDS: u64 = 5;

/// A run and its looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GrowthRun {
    pub(super) start: Start,
    pub(super) looks: Vec<Look>,
}

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "growth-runs",
    title: "Growth of a small difference: every run of the study",
    run: |_| {
        let (starts, data) = (starts(), data());
        let progress = Progress::bar("training", starts.len());
        let run = |start: Start| {
            let run = GrowthRun { start, looks: looks(start, &LOOKS, &data) };
            progress.step();
            run
        };
        let runs: Vec<GrowthRun> = starts.into_par_iter().map(run).collect();
        Output::table(table(&runs)).notes(["Plain gradient descent on batches of 32 of the lesson's 130 pairs of letters, in double precision; five tanh layers of 16 units, the last weights a tenth. The growth of a chaotic run depends on rounding, and differs between machines from a few hundred steps on.".to_owned()])
    },
};

/// Every start, by gain, rate and seed.
pub(super) fn starts() -> Vec<Start> {
    let cells = GAINS.into_iter().flat_map(|gain| RATES.map(|rate| (gain, rate)));
    let seeds =
        |(cell, (gain, rate))| (0..SEEDS).map(move |seed| Start { gain, rate, seed: SEEDS * cell + seed });
    (0..).zip(cells).flat_map(seeds).collect()
}

/// One row per look.
fn table(runs: &[GrowthRun]) -> Table {
    let first = [("gain", "gain"), ("rate", "rate"), ("seed", "seed"), ("step", "step")];
    let columns: Vec<_> = first.into_iter().chain(COLUMNS.map(|(_, key, heading)| (key, heading))).collect();
    let mut table = Table::new(&columns);
    for GrowthRun { start, looks } in runs {
        for look in looks {
            let mut row = vec![
                Cell::fixed(start.gain, 2),
                Cell::fixed(start.rate, 2),
                Cell::Count(start.seed),
                Cell::Count(look.step),
            ];
            row.extend(look.values.map(|value| Cell::scientific(value, 3)));
            table.push(row);
        }
    }
    table
}

/// The committed record.
///
/// # Panics
/// If it is damaged.
pub(super) fn recorded() -> Vec<GrowthRun> {
    let mut rows = RECORD.lines().skip(1).map(|line| {
        let cells: Vec<f64> = line.split(',').filter_map(|cell| cell.parse().ok()).collect();
        let Some((&[_, _, _, step], values)) = cells.split_first_chunk::<4>() else {
            panic!("growth-runs.csv: {line}")
        };
        let Ok(values) = values.try_into() else { panic!("growth-runs.csv: {line}") };
        Look { step: step as u64, values }
    });
    let run = |start| GrowthRun { start, looks: rows.by_ref().take(LOOKS.len()).collect() };
    starts().into_iter().map(run).collect()
}

const RECORD: &str = include_str!("../../../../../docs/out/growth-runs.csv");

#[cfg(test)]
mod tests {
    use super::*;

    /// True if the looks are the recorded ones: to three digits, and a growth to 1e-3 where it is smaller than 1.
    fn same(run: &[Look], recorded: &[Look]) -> bool {
        let close = |(a, b): (f64, f64)| (a - b).abs() <= 1e-3 * (1.0 + a.abs());
        let same = |(a, b): (&Look, &Look)| a.step == b.step && a.values.into_iter().zip(b.values).all(close);
        run.iter().zip(recorded).all(same)
    }

    /// The first thirty steps of some runs again, which rounding does not change.
    #[test]
    fn runs_are_those_of_the_record() {
        let (recorded, data) = (recorded(), data());
        assert_eq!(recorded.len(), starts().len());
        let early = |start| looks(start, &LOOKS[..4], &data);
        for at in [0, 57, 132, recorded.len() - 1] {
            let GrowthRun { start, looks } = &recorded[at];
            assert_eq!(looks.iter().map(|look| look.step).collect::<Vec<_>>(), LOOKS);
            let again = early(*start);
            assert!(same(&again, looks), "{start:?}: {again:?} for {:?}", &looks[..4]);
            let other = early(Start { seed: start.seed + 1000, ..*start });
            assert!(!same(&other, looks), "{start:?} does not depend on its seed");
        }
    }
}
