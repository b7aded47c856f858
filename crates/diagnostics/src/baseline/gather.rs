//! A measurement at many seeds, statistic by statistic.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{BaselineError, ComparisonScale, Statistic};

/// The identity of a statistic: its location, name and scale.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StatisticKey {
    pub(super) location: String,
    pub(super) name: String,
    log: bool,
}

impl StatisticKey {
    pub(super) fn new(location: &str, name: &str, scale: ComparisonScale) -> Self {
        Self { location: location.to_owned(), name: name.to_owned(), log: scale == ComparisonScale::Log }
    }

    pub(super) fn scale(&self) -> ComparisonScale {
        if self.log { ComparisonScale::Log } else { ComparisonScale::Linear }
    }

    /// Its text in messages.
    pub(super) fn text(&self) -> String {
        format!("{} {} ({})", self.location, self.name, if self.log { "log" } else { "linear" })
    }
}

/// The values of one statistic, one per seed.
pub(super) struct SeedSeries {
    pub(super) key: StatisticKey,
    pub(super) values: Vec<f64>,
    /// The largest rounding over all seeds.
    pub(super) rounding: f64,
}

/// Runs the measurement at every seed, in order.
///
/// # Errors
/// [`BaselineError::Measurement`].
pub(super) fn gather<I>(
    seeds: Range<u64>,
    mut measure: impl FnMut(u64) -> I,
) -> Result<Vec<SeedSeries>, BaselineError>
where
    I: IntoIterator<Item = Statistic>,
{
    let mut all = Vec::new();
    for seed in seeds.clone() {
        let statistics: Vec<Statistic> = measure(seed).into_iter().collect();
        if seed == seeds.start {
            all = empty(&statistics)?;
        }
        push(&mut all, statistics)
            .map_err(|why| refused(format!("seed {seed} has {why} at seed {}", seeds.start)))?;
    }
    Ok(all)
}

fn refused(why: impl Into<String>) -> BaselineError {
    BaselineError::Measurement(why.into())
}

fn key(statistic: &Statistic) -> StatisticKey {
    StatisticKey::new(&statistic.location, &statistic.name, statistic.scale)
}

/// One series for each statistic, without values.
fn empty(statistics: &[Statistic]) -> Result<Vec<SeedSeries>, BaselineError> {
    if statistics.is_empty() {
        return Err(refused("it has no statistics"));
    }
    let mut known = BTreeSet::new();
    if let Some(twice) = statistics.iter().find(|s| !known.insert((&s.location, &s.name))) {
        return Err(refused(format!("it has {} {} twice", twice.location, twice.name)));
    }
    let series = |s| SeedSeries { key: key(s), values: Vec::new(), rounding: 0.0 };
    Ok(statistics.iter().map(series).collect())
}

/// Adds the values of one seed, which must have the statistics of the first seed in their order.
fn push(all: &mut [SeedSeries], statistics: Vec<Statistic>) -> Result<(), String> {
    if statistics.len() != all.len() {
        return Err(format!("{} statistics instead of the {}", statistics.len(), all.len()));
    }
    for (series, statistic) in all.iter_mut().zip(statistics) {
        let found = key(&statistic);
        if found != series.key {
            return Err(format!("{} instead of {}", found.text(), series.key.text()));
        }
        series.values.push(statistic.value);
        series.rounding = series.rounding.max(statistic.rounding);
    }
    Ok(())
}
