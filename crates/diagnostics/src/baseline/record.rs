//! Recording a baseline, and checking a measurement against it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::compare::compare;
use super::gather::{SeedSeries, StatisticKey, gather};
use super::{BaselineComparison, BaselineError, SeedSample, Statistic};

/// The fewest seeds on either side: with fewer, the standard error is too uncertain.
///
/// The rate of false alarms was measured from 16 seeds on, which statistics of two or few values need.
pub const FEWEST_SEEDS: u64 = 8;

/// The statistics of a measurement over a range of seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    pub(super) seeds: Range<u64>,
    /// In the order of the measurement.
    pub(super) samples: Vec<(StatisticKey, SeedSample)>,
}

impl Baseline {
    /// Runs a measurement at every seed, in order, and summarises its statistics.
    ///
    /// # Errors
    /// [`BaselineError::Measurement`] if the measurement has no statistics, one twice, or different ones at different
    /// seeds.
    ///
    /// # Panics
    /// With fewer than [`FEWEST_SEEDS`].
    #[track_caller]
    pub fn measure<I>(seeds: Range<u64>, measure: impl FnMut(u64) -> I) -> Result<Self, BaselineError>
    where
        I: IntoIterator<Item = Statistic>,
    {
        check_number(&seeds);
        let samples = gather(seeds.clone(), measure)?.into_iter().map(|series| {
            let sample = SeedSample::of(&series);
            (series.key, sample)
        });
        Ok(Self { seeds, samples: samples.collect() })
    }

    /// Runs the measurement at other seeds and compares, at a family-wise rate of false alarms `alpha`: the probability of
    /// reporting any statistic as moved if only the random numbers changed.
    ///
    /// A statistic that the baseline does not have is not compared, but listed in
    /// [`BaselineComparison::unrecorded`].
    ///
    /// Some generators, PyTorch's among them, use only the lower 32 bits of a seed. Seeds that agree in those are the same
    /// seed to them, and a sample compared with itself shows no move.
    ///
    /// # Errors
    /// [`BaselineError::Measurement`] as for [`Baseline::measure`]; [`BaselineError::Missing`] if a statistic of the baseline
    /// was not measured.
    ///
    /// # Panics
    /// If a seed is among the recorded ones, there are fewer than [`FEWEST_SEEDS`], or `alpha` is not between 0 and 1.
    #[track_caller]
    pub fn check<I>(
        &self,
        seeds: Range<u64>,
        alpha: f64,
        measure: impl FnMut(u64) -> I,
    ) -> Result<BaselineComparison, BaselineError>
    where
        I: IntoIterator<Item = Statistic>,
    {
        check_number(&seeds);
        let recorded = &self.seeds;
        let apart = seeds.end <= recorded.start || recorded.end <= seeds.start;
        assert!(apart, "check: seeds {seeds:?} overlap the recorded seeds {recorded:?}");
        assert!(0.0 < alpha && alpha < 1.0, "check: alpha is {alpha}; it must be between 0 and 1");
        let measured = gather(seeds.clone(), measure)?;
        let unrecorded = self.unrecorded(&measured)?;
        Ok(compare(self, seeds, &measured, alpha, unrecorded))
    }

    /// The seeds that were recorded.
    pub fn seeds(&self) -> Range<u64> {
        self.seeds.clone()
    }

    /// The number of statistics.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// True without statistics, which a measured baseline always has.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The recorded sample of a statistic.
    pub fn get(&self, location: &str, name: &str) -> Option<&SeedSample> {
        let of = |key: &StatisticKey| key.location == location && key.name == name;
        self.samples.iter().find(|(key, _)| of(key)).map(|(_, sample)| sample)
    }

    /// The measured statistics that are not recorded.
    ///
    /// # Errors
    /// [`BaselineError::Missing`] if a recorded statistic was not measured.
    fn unrecorded(&self, measured: &[SeedSeries]) -> Result<Vec<String>, BaselineError> {
        let recorded: BTreeSet<&StatisticKey> = self.samples.iter().map(|(key, _)| key).collect();
        let found: BTreeSet<&StatisticKey> = measured.iter().map(|series| &series.key).collect();
        let texts = |keys: Vec<&StatisticKey>| keys.into_iter().map(StatisticKey::text).collect::<Vec<_>>();
        let missing = self.samples.iter().map(|(key, _)| key).filter(|key| !found.contains(key));
        let unrecorded = measured.iter().map(|series| &series.key).filter(|key| !recorded.contains(key));
        let (missing, unrecorded) = (texts(missing.collect()), texts(unrecorded.collect()));
        if missing.is_empty() { Ok(unrecorded) } else { Err(BaselineError::Missing { missing, unrecorded }) }
    }
}

#[track_caller]
fn check_number(seeds: &Range<u64>) {
    let count = seeds.end.saturating_sub(seeds.start);
    assert!(
        count >= FEWEST_SEEDS,
        "baseline: {count} seeds, {seeds:?}; there must be at least {FEWEST_SEEDS}"
    );
}
