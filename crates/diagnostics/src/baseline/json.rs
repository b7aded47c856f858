//! A baseline as JSON: one line per statistic, so that a difference between two versions reads like a table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::file::line_per_statistic;
use super::gather::StatisticKey;
use super::sample::rounded;
use super::{Baseline, BaselineError, ComparisonScale, SeedSample};

/// The version of the text that this crate writes and reads.
pub(super) const FORMAT: u64 = 1;

/// The field of a text that says how to read the others.
#[derive(Deserialize)]
struct FormatHeader {
    format: u64,
}

/// The whole text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineDocument {
    format: u64,
    /// The recorded seeds, from the first up to but without the second.
    seeds: [u64; 2],
    statistics: Vec<RecordedStatistic>,
}

/// One statistic, which is one line of the text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedStatistic {
    /// Before it was renamed, this key was `place`.
    #[serde(alias = "place")]
    location: String,
    name: String,
    scale: ComparisonScale,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<f64>,
    count: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    not_finite: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    zeros: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl RecordedStatistic {
    fn new((key, sample): &(StatisticKey, SeedSample)) -> Self {
        let known = |x: f64| (sample.count >= 2).then_some(x);
        Self {
            location: key.location.clone(),
            name: key.name.clone(),
            scale: key.scale(),
            mean: known(sample.mean),
            spread: known(sample.spread),
            count: sample.count,
            not_finite: sample.not_finite,
            zeros: sample.zeros,
        }
    }

    /// The statistic, if its numbers can be those of a sample of this many seeds.
    fn checked(self, seeds: u64) -> Result<(StatisticKey, SeedSample), &'static str> {
        let Self { location, name, scale, mean, spread, count, not_finite, zeros } = self;
        if count.checked_add(not_finite).and_then(|n| n.checked_add(zeros)) != Some(seeds) {
            return Err("count, not_finite and zeros do not add up to the number of seeds");
        }
        if (mean.is_none() || spread.is_none()) && count >= 2 {
            return Err("mean or spread is missing");
        }
        let (mean, spread) = (mean.unwrap_or(f64::NAN), spread.unwrap_or(f64::NAN));
        if spread < 0.0 {
            return Err("the spread is negative");
        }
        if scale == ComparisonScale::Log && mean <= 0.0 {
            return Err("the mean at the logarithmic scale is not positive");
        }
        let (mean, spread) = (rounded(mean), rounded(spread));
        let key = StatisticKey::new(&location, &name, scale);
        Ok((key, SeedSample { count, not_finite, zeros, mean, spread }))
    }
}

impl Baseline {
    /// The baseline as JSON: the format, the recorded seeds `[from, to)`, and one line per statistic in the order of the
    /// measurement.
    ///
    /// If `scale` is `log`, `mean` is the geometric mean and `spread` that of `ln x`. Both are absent if fewer than two
    /// seeds have a value; `not_finite` and `zeros` are absent if they are 0.
    pub fn to_json(&self) -> String {
        let statistics = self.samples.iter().map(RecordedStatistic::new).collect();
        let seeds = [self.seeds.start, self.seeds.end];
        line_per_statistic(&BaselineDocument { format: FORMAT, seeds, statistics })
    }

    /// Reads the text of [`Baseline::to_json`].
    ///
    /// # Errors
    /// [`BaselineError::Damaged`] for invalid JSON, wrong types, unknown fields, or numbers that contradict each other;
    /// [`BaselineError::Format`] for the text of a later version.
    pub fn from_json(text: &str) -> Result<Self, BaselineError> {
        let damaged = |error: serde_json::Error| BaselineError::Damaged(error.to_string());
        let FormatHeader { format } = serde_json::from_str(text).map_err(damaged)?;
        if format != FORMAT {
            return Err(BaselineError::Format(format));
        }
        let BaselineDocument { seeds: [from, to], statistics, .. } =
            serde_json::from_str(text).map_err(damaged)?;
        let seeds = to.saturating_sub(from);
        let mut known = BTreeSet::new();
        let mut samples = Vec::new();
        for statistic in statistics {
            let what = format!("{} {}", statistic.location, statistic.name);
            let why = |why: &str| BaselineError::Damaged(format!("{what}: {why}"));
            let (key, sample) = statistic.checked(seeds).map_err(why)?;
            if !known.insert((key.location.clone(), key.name.clone())) {
                return Err(why("it is there twice"));
            }
            samples.push((key, sample));
        }
        Ok(Self { seeds: from..to, samples })
    }
}
