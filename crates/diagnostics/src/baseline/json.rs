//! A baseline as JSON: one line a statistic, so that a difference between two versions reads like a table.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::gather::StatisticKey;
use super::sample::rounded;
use super::{Baseline, BaselineError, ComparisonScale, SeedSample};

/// The version of the text that this crate writes and reads.
pub(super) const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct FormatHeader {
    format: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineDocument {
    #[serde(rename = "format")]
    _format: u64,
    seeds: [u64; 2],
    statistics: Vec<RecordedStatistic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedStatistic {
    /// `place` before the key was renamed.
    #[serde(alias = "place")]
    location: String,
    name: String,
    scale: ComparisonScale,
    mean: Option<f64>,
    spread: Option<f64>,
    count: u64,
    #[serde(default)]
    not_finite: u64,
    #[serde(default)]
    zeros: u64,
}

impl Baseline {
    /// As JSON: the format, the recorded seeds `[from, to)`, one line a statistic in the order of the measurement.
    ///
    /// `mean` is geometric and `spread` is that of `ln x` where `scale` is `log`; both are left out of fewer than
    /// two values, and so are `not_finite` and `zeros` where no seed showed them.
    pub fn to_json(&self) -> String {
        let lines: Vec<String> = self.samples.iter().map(|(key, sample)| line(key, sample)).collect();
        let (from, to) = (self.seeds.start, self.seeds.end);
        format!(
            "{{\n  \"format\": {FORMAT},\n  \"seeds\": [{from}, {to}],\n  \"statistics\": [\n{}\n  ]\n}}\n",
            lines.join(",\n")
        )
    }

    /// What [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    /// [`BaselineError::Damaged`] for what is no JSON, has wrong types, unknown fields or numbers that contradict each
    /// other; [`BaselineError::Format`] for the text of a later version.
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
        for line in statistics {
            let location = format!("{} {}", line.location, line.name);
            let why = |why: &str| BaselineError::Damaged(format!("{location}: {why}"));
            let (key, sample) = checked(line, seeds).map_err(why)?;
            if !known.insert((key.location.clone(), key.name.clone())) {
                return Err(why("it is there twice"));
            }
            samples.push((key, sample));
        }
        Ok(Self { seeds: from..to, samples })
    }
}

fn line(key: &StatisticKey, sample: &SeedSample) -> String {
    let scale = if key.scale() == ComparisonScale::Log { "log" } else { "linear" };
    let mut fields: Vec<(&str, Value)> = vec![
        ("location", key.location.as_str().into()),
        ("name", key.name.as_str().into()),
        ("scale", scale.into()),
    ];
    if sample.count >= 2 {
        fields.extend([("mean", sample.mean.into()), ("spread", sample.spread.into())]);
    }
    fields.push(("count", sample.count.into()));
    let rare = [("not_finite", sample.not_finite), ("zeros", sample.zeros)];
    fields.extend(rare.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name, n.into())));
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("    {{{}}}", fields.join(", "))
}

/// A line whose numbers can be those of a sample of so many seeds.
fn checked(line: RecordedStatistic, seeds: u64) -> Result<(StatisticKey, SeedSample), &'static str> {
    let RecordedStatistic { location, name, scale, mean, spread, count, not_finite, zeros } = line;
    if count.checked_add(not_finite).and_then(|n| n.checked_add(zeros)) != Some(seeds) {
        return Err("count, not_finite and zeros are not all seeds");
    }
    if (mean.is_none() || spread.is_none()) && count >= 2 {
        return Err("mean or spread is missing");
    }
    let (mean, spread) = (mean.unwrap_or(f64::NAN), spread.unwrap_or(f64::NAN));
    if spread < 0.0 {
        return Err("spread is negative");
    }
    if scale == ComparisonScale::Log && mean <= 0.0 {
        return Err("the mean of a logarithm's statistic is positive");
    }
    let (mean, spread) = (rounded(mean), rounded(spread));
    Ok((StatisticKey::new(&location, &name, scale), SeedSample { count, not_finite, zeros, mean, spread }))
}
