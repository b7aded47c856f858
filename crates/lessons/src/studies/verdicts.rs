//! How often a verdict is wrong: misses on networks with one fault, false alarms on healthy ones.

use std::collections::BTreeMap;

use diagnostics::{Verdict, fixed};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use specimen::lesson;

use super::faults::{FaultCase, faulty, healthy};
use crate::artifact::{Artifact, Output};
use cli::Progress;
use cli::{Cell, Table};

/// Seeds for each network.
const SEEDS: u64 = 1000;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "verdicts",
    title: "Verdicts: how often they are right, over 1,000 seeds each",
    run: |_| {
        let mut table = Table::new(&[
            ("network", "network"),
            ("missed", "fault missed"),
            ("first", "named first"),
            ("elsewhere", "blamed elsewhere"),
            ("alarms", "what was blamed"),
        ]);
        for case in faulty().iter().chain(&healthy()) {
            table.push(row(case));
        }
        Output::table(table).notes(["Networks of three tanh or ReLU layers of 100 where nothing else is said, drawn from ChaCha8 with Kaiming's scheme and the embedding N(0, 1). Missed: no verdict names the fault at its place. Blamed elsewhere: a verdict names a layer or parameter that is in order; of a healthy network, any verdict at all.".to_owned()])
    },
};

/// What the verdicts of some seeds come to.
#[derive(Clone, Default)]
struct Tally {
    missed: u64,
    elsewhere: u64,
    first: u64,
    /// What was said elsewhere, and how often.
    alarms: BTreeMap<String, u64>,
}

impl Tally {
    fn of(case: &FaultCase, verdicts: &[Verdict]) -> Self {
        let named = |verdict: &Verdict| case.fault == Some((verdict.location.as_str(), verdict.fault));
        let alarms = verdicts.iter().filter(|verdict| !case.excuses(verdict));
        let alarms: BTreeMap<_, _> =
            alarms.map(|verdict| (format!("{} {:?}", verdict.location, verdict.fault), 1)).collect();
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
    let tally = |seed| Tally::of(case, &case.report(seed, &batch).verdicts());
    let all = seeds.map(tally).reduce(Tally::default, Tally::with);
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
