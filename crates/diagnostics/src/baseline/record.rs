//! Recording a baseline, and checking against it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::compare::compare;
use super::gather::{SeedSeries, StatisticKey, gather};
use super::{BaselineComparison, BaselineError, SeedSample, Statistic};

/// The fewest seeds on either side: below, a standard error is hardly known.
///
/// The rate of false alarms was measured from 16 on; statistics of two or few values need those.
pub const FEWEST_SEEDS: u64 = 8;

/// What every statistic of a measurement was over a range of seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    pub(super) seeds: Range<u64>,
    /// In the order of the measurement.
    pub(super) samples: Vec<(StatisticKey, SeedSample)>,
}

impl Baseline {
    /// Runs a measurement at every seed, in order, and keeps what its statistics were.
    ///
    /// # Errors
    /// [`BaselineError::Measurement`] if there are no statistics, one twice, or others at another seed.
    ///
    /// # Panics
    /// With fewer than [`FEWEST_SEEDS`].
    #[track_caller]
    pub fn measure<I>(seeds: Range<u64>, measure: impl FnMut(u64) -> I) -> Result<Self, BaselineError>
    where
        I: IntoIterator<Item = Statistic>,
    {
        enough(&seeds);
        let samples = gather(seeds.clone(), measure)?.into_iter().map(|series| {
            let sample = SeedSample::of(&series);
            (series.key, sample)
        });
        Ok(Self { seeds, samples: samples.collect() })
    }

    /// Runs the measurement at other seeds, and compares at a family-wise rate of false alarms `alpha`: the
    /// probability that anything is said to have moved though only the random numbers are others.
    ///
    /// Generators may look at the lower 32 bits of a seed only, as PyTorch's does: seeds that agree in those are one
    /// seed to them, and a comparison of a sample with itself shows no move whatever chance does.
    ///
    /// # Errors
    /// [`BaselineError::Measurement`] as for [`Baseline::measure`]; [`BaselineError::Other`] if the statistics are not
    /// those of the baseline.
    ///
    /// # Panics
    /// If seeds are among the recorded ones or fewer than [`FEWEST_SEEDS`], or `alpha` is not between 0 and 1.
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
        enough(&seeds);
        let recorded = &self.seeds;
        let apart = seeds.end <= recorded.start || recorded.end <= seeds.start;
        assert!(apart, "seeds {seeds:?} to check with are among the recorded {recorded:?}");
        assert!(0.0 < alpha && alpha < 1.0, "a rate of false alarms is between 0 and 1, not {alpha}");
        let measured = gather(seeds.clone(), measure)?;
        self.same_statistics(&measured)?;
        Ok(compare(self, seeds, &measured, alpha))
    }

    /// The seeds that were recorded.
    pub fn seeds(&self) -> Range<u64> {
        self.seeds.clone()
    }

    /// How many statistics it holds.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether it holds no statistics; no measured baseline does.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// What a statistic was.
    pub fn get(&self, location: &str, name: &str) -> Option<&SeedSample> {
        self.samples
            .iter()
            .find(|(key, _)| key.location == location && key.name == name)
            .map(|(_, sample)| sample)
    }

    fn same_statistics(&self, measured: &[SeedSeries]) -> Result<(), BaselineError> {
        let recorded: BTreeSet<&StatisticKey> = self.samples.iter().map(|(key, _)| key).collect();
        let found: BTreeSet<&StatisticKey> = measured.iter().map(|series| &series.key).collect();
        let gone = self.samples.iter().map(|(key, _)| key).filter(|key| !found.contains(*key));
        let new = measured.iter().map(|series| &series.key).filter(|key| !recorded.contains(*key));
        let (gone, new): (Vec<_>, Vec<_>) =
            (gone.map(StatisticKey::text).collect(), new.map(StatisticKey::text).collect());
        if gone.is_empty() && new.is_empty() { Ok(()) } else { Err(BaselineError::Other { gone, new }) }
    }
}

#[track_caller]
fn enough(seeds: &Range<u64>) {
    let count = seeds.end.saturating_sub(seeds.start);
    assert!(count >= FEWEST_SEEDS, "seeds {seeds:?} are {count}, fewer than {FEWEST_SEEDS}");
}
