//! The comparison of a measurement with a baseline.

use std::collections::BTreeMap;
use std::ops::Range;

use super::chance::{self, SampleMoments};
use super::gather::{SeedSeries, StatisticKey};
use super::{Baseline, ComparisonScale, FEWEST_SEEDS, SeedSample, holm};

/// The relative difference that counts as rounding: sums of single-precision values in another order differ by less.
pub const ROUNDING: f64 = 1e-5;

/// The aspect of a statistic that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Its mean over seeds.
    Mean,
    /// The number of seeds at which it was NaN or infinite.
    NotFinite,
    /// The number of seeds at which it was 0 or less, if its logarithm is compared.
    Zeros,
}

/// One aspect of one statistic, as recorded and as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineChange {
    /// The layer or parameter.
    pub location: String,
    /// The statistic.
    pub name: String,
    /// The scale at which it was compared.
    pub scale: ComparisonScale,
    /// The aspect that was compared.
    pub aspect: Aspect,
    /// The sample in the baseline.
    pub recorded: SeedSample,
    /// The sample measured now.
    pub now: SeedSample,
    /// The number of standard errors by which the mean moved: infinite for a statistic that did not depend on the seed; NaN
    /// for counts, and if either side has fewer than [`FEWEST_SEEDS`] values.
    pub errors: f64,
    /// An upper bound on the probability that chance alone produces as much in any row of the comparison (Holm 1979).
    pub p: f64,
}

/// A comparison with a baseline. Its `Display` is a table of the rows that moved, and notes.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineComparison {
    /// One row per statistic and aspect, in the order of the baseline.
    pub rows: Vec<BaselineChange>,
    /// The statistics that were measured but are not in the baseline, which is no failure.
    pub unrecorded: Vec<String>,
    /// The family-wise rate of false alarms.
    pub alpha: f64,
    /// The seeds of the baseline.
    pub recorded: Range<u64>,
    /// The seeds that were measured now.
    pub checked: Range<u64>,
}

impl BaselineComparison {
    /// The rows that moved by more than chance explains.
    pub fn moved(&self) -> impl Iterator<Item = &BaselineChange> {
        self.rows.iter().filter(|row| row.p <= self.alpha)
    }

    /// True if nothing moved.
    pub fn passed(&self) -> bool {
        self.moved().next().is_none()
    }
}

impl BaselineChange {
    /// The change of the mean: relative at the logarithmic scale, absolute at the linear one.
    pub fn change(&self) -> f64 {
        match self.scale {
            ComparisonScale::Log => self.now.mean / self.recorded.mean - 1.0,
            ComparisonScale::Linear => self.now.mean - self.recorded.mean,
        }
    }
}

/// Compares every statistic of the baseline, all of which must have been measured.
pub(super) fn compare(
    baseline: &Baseline,
    checked: Range<u64>,
    measured: &[SeedSeries],
    alpha: f64,
    unrecorded: Vec<String>,
) -> BaselineComparison {
    let measured: BTreeMap<&StatisticKey, &SeedSeries> =
        measured.iter().map(|series| (&series.key, series)).collect();
    let samples = baseline.samples.iter().filter_map(|(key, sample)| Some((key, sample, measured.get(key)?)));
    let mut rows: Vec<BaselineChange> =
        samples.flat_map(|(key, sample, series)| rows(key, *sample, series)).collect();
    let single: Vec<f64> = rows.iter().map(|row| row.p).collect();
    for (row, p) in rows.iter_mut().zip(holm::adjusted(&single)) {
        row.p = p;
    }
    BaselineComparison { rows, unrecorded, alpha, recorded: baseline.seeds(), checked }
}

/// The rows of one statistic, each with its own p-value. Counts that are 0 on both sides have no row: they cannot move, and
/// leaving them out depends only on the sums of the counts, which a shuffle of seeds keeps (Tarone 1990).
fn rows(key: &StatisticKey, recorded: SeedSample, series: &SeedSeries) -> Vec<BaselineChange> {
    let now = SeedSample::of(series);
    let row = |aspect, (errors, p)| {
        let (location, name) = (key.location.clone(), key.name.clone());
        BaselineChange { location, name, scale: key.scale(), aspect, recorded, now, errors, p }
    };
    let mut rows = vec![row(Aspect::Mean, means(key.scale(), recorded, now, series.rounding))];
    let counts = [
        (Aspect::NotFinite, recorded.not_finite, now.not_finite),
        (Aspect::Zeros, recorded.zeros, now.zeros),
    ];
    for (aspect, a, b) in counts.into_iter().filter(|(_, a, b)| a + b > 0) {
        let p = chance::of_counts((a, recorded.seeds()), (b, now.seeds()));
        rows.push(row(aspect, (f64::NAN, p)));
    }
    rows
}

/// The difference of the means in standard errors, and its probability.
fn means(scale: ComparisonScale, recorded: SeedSample, now: SeedSample, rounding: f64) -> (f64, f64) {
    if recorded.count.min(now.count) < FEWEST_SEEDS {
        return (f64::NAN, 1.0);
    }
    let of = |s: SeedSample| {
        let mean = if scale == ComparisonScale::Log { s.mean.ln() } else { s.mean };
        SampleMoments { mean, spread: s.spread, count: s.count }
    };
    let (errors, p) = chance::of_means(of(recorded), of(now));
    (errors, if same(recorded.mean, now.mean, rounding) { 1.0 } else { p })
}

/// True if two means are equal up to rounding.
fn same(a: f64, b: f64, rounding: f64) -> bool {
    (b - a).abs() <= (ROUNDING * a.abs().max(b.abs())).max(rounding)
}
