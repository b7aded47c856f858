//! Measured exponents against expected ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ExpectedExponent, ScaledQuantity, ScalingAxis, ScalingCheckError, ScalingExpectations, ScalingExponent,
    ScalingMeasurements,
};

/// The fewest sizes of which an exponent is computed.
const FEWEST: usize = 3;

/// A quantity's exponent, beside the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingOutcome {
    /// The whole interval is within the expected range and its margin.
    Pass,
    /// The whole interval is outside, or a value is NaN or infinite.
    Fail,
    /// The interval is partly outside, or some values are 0 and others are not.
    Undecided,
    /// Nothing is expected of it, every value is 0, or it was measured at fewer than three sizes.
    Unjudged,
}

/// One quantity at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingRow {
    /// The quantity.
    pub quantity: ScaledQuantity,
    /// The number of updates before.
    pub step: usize,
    /// The exponent; `None` if every value is 0 or not finite, or there are fewer than three sizes with others.
    pub exponent: Option<ScalingExponent>,
    /// The smallest and the largest size with a finite value above 0, each with the geometric mean over seeds.
    pub ends: [(usize, f64); 2],
    /// The number of networks that were measured.
    pub networks: usize,
    /// The number of networks in which it is NaN or infinite, and the smallest size with one.
    pub not_finite: (usize, usize),
    /// The number of networks in which it is 0.
    pub zeros: usize,
    /// The expectation, if there is one.
    pub expected: Option<ExpectedExponent>,
    /// The judgement.
    pub outcome: ScalingOutcome,
}

/// The exponents of all quantities, judged. Its `Display` is a table, and a line for each fault.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingCheck {
    /// One row per quantity and step, in the order in which they were first measured.
    pub rows: Vec<ScalingRow>,
    /// The name of the table of expectations.
    pub expectations: String,
    /// The size that varies.
    pub axis: ScalingAxis,
    /// The margin on both sides of expected ranges.
    pub margin: f64,
    /// The different sizes, ascending.
    pub sizes: Vec<usize>,
    /// The number of different seeds.
    pub seeds: usize,
    /// The expectations for quantities that were not measured.
    pub unmeasured: Vec<ExpectedExponent>,
}

impl ScalingCheck {
    /// True if something was judged, and all that was judged has passed: nothing failed or is undecided.
    pub fn passed(&self) -> bool {
        let any = |outcome| self.rows.iter().any(|row| row.outcome == outcome);
        any(ScalingOutcome::Pass) && !any(ScalingOutcome::Fail) && !any(ScalingOutcome::Undecided)
    }

    /// The rows that failed.
    pub fn failures(&self) -> impl Iterator<Item = &ScalingRow> {
        self.rows.iter().filter(|row| row.outcome == ScalingOutcome::Fail)
    }

    /// The row of a quantity, by the text that stands in the table, such as `change of logits`.
    pub fn row(&self, quantity: &str, step: usize) -> Option<&ScalingRow> {
        self.rows.iter().find(|row| row.step == step && row.quantity.to_string() == quantity)
    }
}

impl ScalingMeasurements {
    /// The exponents of all quantities beside the expected ones.
    ///
    /// # Errors
    /// If there are fewer than three different sizes.
    pub fn check(&self, expected: &ScalingExpectations) -> Result<ScalingCheck, ScalingCheckError> {
        let sizes = self.sizes();
        if sizes.len() < FEWEST {
            return Err(ScalingCheckError::TooFewSizes(sizes));
        }
        let rows: Vec<ScalingRow> = self.order.iter().map(|key| self.row(key, expected)).collect();
        let seeds = self.values.values().flat_map(|networks| networks.keys().map(|&(_, seed)| seed));
        let measured = |row: &&ExpectedExponent| {
            rows.iter().any(|at| row.is_of(&at.quantity) && row.steps.contains(&at.step))
        };
        let unmeasured = expected.rows.iter().filter(|row| !measured(row)).cloned().collect();
        Ok(ScalingCheck {
            expectations: expected.name.clone(),
            axis: expected.axis,
            margin: expected.margin,
            seeds: seeds.collect::<BTreeSet<u64>>().len(),
            sizes,
            unmeasured,
            rows,
        })
    }

    fn row(&self, key: &(ScaledQuantity, usize), expected: &ScalingExpectations) -> ScalingRow {
        let networks = &self.values[key];
        let ends = ends(networks);
        let not_finite = networks.iter().filter(|(_, rms)| !rms.is_finite());
        let zeros = networks.values().filter(|&&rms| rms == 0.0).count();
        let mut row = ScalingRow {
            quantity: key.0.clone(),
            step: key.1,
            exponent: exponent(networks),
            ends,
            networks: networks.len(),
            not_finite: (
                not_finite.clone().count(),
                not_finite.map(|(&(size, _), _)| size).min().unwrap_or(0),
            ),
            zeros,
            expected: expected.of(&key.0, key.1).cloned(),
            outcome: ScalingOutcome::Unjudged,
        };
        row.outcome = row.judged(expected.margin);
        row
    }
}

/// The exponent of values above 0, if they are of enough sizes.
fn exponent(networks: &BTreeMap<(usize, u64), f64>) -> Option<ScalingExponent> {
    let usable = networks.iter().filter(|(_, rms)| **rms > 0.0 && rms.is_finite());
    let sizes: BTreeSet<usize> = usable.clone().map(|(&(size, _), _)| size).collect();
    let points = usable.map(|(&(size, seed), &rms)| (size as f64, seed, rms));
    (sizes.len() >= FEWEST).then(|| ScalingExponent::fit(points)).flatten()
}

/// The geometric means at the smallest and the largest size; NaN where there is none.
fn ends(networks: &BTreeMap<(usize, u64), f64>) -> [(usize, f64); 2] {
    let mut logs: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (&(size, _), &rms) in networks.iter().filter(|(_, rms)| **rms > 0.0 && rms.is_finite()) {
        logs.entry(size).or_default().push(rms.ln());
    }
    let mean =
        |(size, logs): (&usize, &Vec<f64>)| (*size, (logs.iter().sum::<f64>() / logs.len() as f64).exp());
    let end = |at: Option<(&usize, &Vec<f64>)>| at.map_or((0, f64::NAN), mean);
    [end(logs.first_key_value()), end(logs.last_key_value())]
}

impl ScalingRow {
    fn judged(&self, margin: f64) -> ScalingOutcome {
        let Some(expected) = &self.expected else { return ScalingOutcome::Unjudged };
        if self.not_finite.0 > 0 {
            return ScalingOutcome::Fail;
        }
        if self.zeros == self.networks {
            return ScalingOutcome::Unjudged;
        }
        let Some(exponent) = &self.exponent else { return ScalingOutcome::Unjudged };
        let (low, high) = (expected.range.start() - margin, expected.range.end() + margin);
        if exponent.low() > high || exponent.high() < low {
            ScalingOutcome::Fail
        } else if exponent.low() >= low && exponent.high() <= high && self.zeros == 0 {
            ScalingOutcome::Pass
        } else {
            ScalingOutcome::Undecided
        }
    }
}
