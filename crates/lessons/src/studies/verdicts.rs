//! The error rates of verdicts: faults missed in networks with one planted fault, and false alarms.

use std::collections::BTreeMap;

use cli::{Cell, Progress, Table};
use diagnostics::{Verdict, fixed};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use specimen::lesson;

use super::faults::{FaultCase, faulty, healthy};
use crate::artifact::{Artifact, Output};

/// The number of seeds per network.
const SEEDS: u64 = 1000;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "verdicts",
    title: "Verdicts: error rates over 1,000 seeds per network",
    run: |_| {
        let mut table = Table::new(&[
            ("network", "network"),
            ("missed", "fault missed"),
            ("first", "fault named first"),
            ("elsewhere", "false alarm"),
            ("alarms", "false alarms by location and rule"),
        ]);
        for case in faulty().iter().chain(&healthy()) {
            table.push(row(case));
        }
        Output::table(table).notes(["Unless the name says otherwise, a network has three tanh or ReLU layers of 100 units, drawn from ChaCha8 by Kaiming's scheme, and an embedding from N(0, 1). Missed: no verdict names the fault at its location. False alarm: a verdict names a layer or parameter without a fault; in a healthy network, any. Notes are no alarms.".to_owned()])
    },
};

/// Counts of seeds.
#[derive(Clone, Default)]
struct SeedCounts {
    missed: u64,
    elsewhere: u64,
    first: u64,
    /// The number of seeds per false alarm.
    alarms: BTreeMap<String, u64>,
}

/// True if a verdict of that rule has that location.
pub fn names(verdict: &Verdict, (at, rule): (&str, &str)) -> bool {
    verdict.rule == rule && verdict.locations.iter().any(|location| location == at)
}

impl SeedCounts {
    fn of(case: &FaultCase, verdicts: &[Verdict]) -> Self {
        let named = |verdict: &Verdict| case.fault.is_some_and(|fault| names(verdict, fault));
        let alarms = verdicts.iter().filter(|verdict| verdict.is_finding() && !case.excuses(verdict));
        let alarms: BTreeMap<_, _> =
            alarms.map(|verdict| (format!("{} {}", verdict.location(), verdict.rule), 1)).collect();
        Self {
            missed: u64::from(case.fault.is_some() && !verdicts.iter().any(named)),
            elsewhere: u64::from(!alarms.is_empty()),
            first: u64::from(verdicts.first().is_some_and(named)),
            alarms,
        }
    }

    fn with(mut self, other: Self) -> Self {
        for (alarm, count) in other.alarms {
            *self.alarms.entry(alarm).or_default() += count;
        }
        let Self { missed, elsewhere, first, alarms } = self;
        Self {
            missed: missed + other.missed,
            elsewhere: elsewhere + other.elsewhere,
            first: first + other.first,
            alarms,
        }
    }
}

fn row(case: &FaultCase) -> Vec<Cell> {
    let _progress = Progress::spinner(case.name);
    let batch = lesson::bigrams().batch;
    let seeds = (0..SEEDS).into_par_iter();
    let count = |seed| SeedCounts::of(case, &case.report(seed, &batch).verdicts());
    let all = seeds.map(count).reduce(SeedCounts::default, SeedCounts::with);
    let percent = |count: u64| fixed(100.0 * count as f64 / SEEDS as f64, 1);
    let share = |count: u64| Cell::percent(count as f64 / SEEDS as f64);
    let of_fault = |count| if case.fault.is_some() { share(count) } else { Cell::text("") };
    let alarms = all.alarms.iter().map(|(alarm, &count)| format!("{alarm} {}%", percent(count)));
    let alarms = alarms.collect::<Vec<_>>().join(", ");
    vec![
        Cell::text(case.name),
        of_fault(all.missed),
        of_fault(all.first),
        share(all.elsewhere),
        Cell::text(alarms),
    ]
}
