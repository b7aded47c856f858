//! Measurements of networks of several sizes.

use std::collections::{BTreeMap, BTreeSet};

use tensor::Real;

use super::{ScaledQuantity, ScalingAspect, ScalingCheckError, ScalingRole};

/// One number of one network.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingMeasurement {
    /// The width or depth of the network.
    pub size: usize,
    /// Its seed.
    pub seed: u64,
    /// The number of updates before.
    pub step: usize,
    /// The quantity that was measured.
    pub quantity: ScaledQuantity,
    /// The root mean square; may be NaN or infinite.
    pub rms: f64,
}

/// Measurements of any number of networks, from [`ScalingRun`]s or from a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalingMeasurements {
    /// The quantities with their steps, in the order in which they were first measured.
    pub(super) order: Vec<(ScaledQuantity, usize)>,
    /// Root mean squares by size and seed.
    pub(super) values: BTreeMap<(ScaledQuantity, usize), BTreeMap<(usize, u64), f64>>,
}

impl ScalingMeasurements {
    /// Adds one number.
    ///
    /// # Errors
    /// If the size is 0, or the quantity was measured before at this step of this network.
    pub fn push(&mut self, measurement: ScalingMeasurement) -> Result<(), ScalingCheckError> {
        let ScalingMeasurement { size, seed, step, quantity, rms } = measurement;
        if size == 0 {
            return Err(ScalingCheckError::NoSize);
        }
        let key = (quantity, step);
        if !self.values.contains_key(&key) {
            self.order.push(key.clone());
        }
        match self.values.entry(key.clone()).or_default().insert((size, seed), rms) {
            None => Ok(()),
            Some(_) => Err(ScalingCheckError::Twice(described(&key.0, step, size, seed))),
        }
    }

    /// Adds what was measured of one network.
    ///
    /// # Errors
    /// As [`push`](Self::push), and if a quantity of the run changed its number of values or was not measured at step 0.
    pub fn add(&mut self, run: ScalingRun) -> Result<(), ScalingCheckError> {
        if let Some(error) = run.error {
            return Err(error);
        }
        run.measurements.into_iter().try_for_each(|measurement| self.push(measurement))
    }

    /// The different sizes, ascending.
    pub fn sizes(&self) -> Vec<usize> {
        let sizes = self.values.values().flat_map(|networks| networks.keys().map(|&(size, _)| size));
        sizes.collect::<BTreeSet<usize>>().into_iter().collect()
    }
}

/// The values of one network, step by step; it computes root mean squares and changes since step 0.
#[derive(Clone, Debug)]
pub struct ScalingRun {
    size: usize,
    seed: u64,
    first: BTreeMap<(ScalingRole, String), Vec<f64>>,
    measurements: Vec<ScalingMeasurement>,
    error: Option<ScalingCheckError>,
}

impl ScalingRun {
    /// A network of a size and a seed, of which nothing has been measured.
    pub fn new(size: usize, seed: u64) -> Self {
        Self { size, seed, first: BTreeMap::new(), measurements: Vec::new(), error: None }
    }

    /// Measures values after so many steps: their root mean square, and from step 1 on that of their change since step 0. A
    /// copy of those of step 0 is kept.
    pub fn values<T: Real>(&mut self, step: usize, role: ScalingRole, name: &str, values: &[T]) {
        let now = values.iter().map(|value| value.to_f64());
        self.rms(step, role, ScalingAspect::Size, name, rms(now.clone()));
        let key = (role, name.to_owned());
        if step == 0 {
            self.first.insert(key, now.collect());
            return;
        }
        let what = || described(&quantity(role, ScalingAspect::Size, name), step, self.size, self.seed);
        match self.first.get(&key) {
            None => self.error = self.error.take().or_else(|| Some(ScalingCheckError::NoStart(what()))),
            Some(first) if first.len() != values.len() => {
                let lengths = [first.len(), values.len()];
                let error = ScalingCheckError::OtherLength { what: what(), lengths };
                self.error = self.error.take().or(Some(error));
            }
            Some(first) => {
                let change = rms(now.zip(first).map(|(now, first)| now - first));
                self.rms(step, role, ScalingAspect::Change, name, change);
            }
        }
    }

    /// Adds a root mean square that the caller has computed.
    pub fn rms(&mut self, step: usize, role: ScalingRole, aspect: ScalingAspect, name: &str, rms: f64) {
        let quantity = quantity(role, aspect, name);
        self.measurements.push(ScalingMeasurement { size: self.size, seed: self.seed, step, quantity, rms });
    }
}

fn quantity(role: ScalingRole, aspect: ScalingAspect, name: &str) -> ScaledQuantity {
    ScaledQuantity { role, name: name.to_owned(), aspect }
}

fn described(quantity: &ScaledQuantity, step: usize, size: usize, seed: u64) -> String {
    format!("{quantity} after step {step} of the network of size {size} and seed {seed}")
}

/// The root mean square; NaN of no values.
fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value * value, count + 1));
    (sum / count as f64).sqrt()
}
