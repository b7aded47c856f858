//! Whether a run can be reproduced at all: the same run with one weight an ulp off, and with its sums in another order.

use autograd::Tape;
use rayon::prelude::*;
use specimen::{Batch, Parameters};

use super::lecture::Lecture;
use super::run::Run;
use super::training::Training;

/// How a twin differs from the run that it accompanies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// W1's first weight is the next number of its precision.
    Ulp,
    /// Every batch is in the opposite order, so every sum over examples is.
    Order,
}

/// A twin's distance from its run after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// Steps done.
    pub step: u64,
    /// `‖θ′ − θ‖/‖θ‖` over all parameters.
    pub parameters: f64,
    /// The difference of the losses of this step, at most over the steps since the last distance.
    pub loss: f64,
}

/// A run and one of its twins, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The run.
    pub run: String,
    /// How the twin differs.
    pub twin: Twin,
    /// Distances at steps that grow by about a tenth.
    pub distances: Vec<Distance>,
}

impl Twin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ulp, Self::Order];

    /// As tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ulp => "one weight by an ulp",
            Self::Order => "another order of sums",
        }
    }

    fn start(self, training: &mut Training) {
        if self == Self::Ulp {
            let parameters = &mut training.model.parameters.0;
            let weight = parameters.iter_mut().find(|parameter| parameter.name == "W1");
            if let Some(first) = weight.and_then(|weight| weight.value.data_mut().first_mut()) {
                *first = first.next_up();
            }
        }
    }

    fn batch(self, batch: &Batch, context: usize) -> Batch {
        match self {
            Self::Ulp => batch.clone(),
            Self::Order => {
                let backwards: Vec<usize> = (0..batch.targets.len()).rev().collect();
                batch.pick(context, &backwards)
            }
        }
    }
}

impl Divergence {
    /// The step from which on losses differ in the fourth decimal, which is what a loss log prints; `None` if none.
    pub fn visible(&self) -> Option<u64> {
        self.distances.iter().find(|distance| !(distance.loss < 5e-5)).map(|distance| distance.step)
    }

    /// The distance of the parameters at the end.
    pub fn last(&self) -> f64 {
        self.distances.last().map_or(f64::NAN, |distance| distance.parameters)
    }
}

/// Every twin of these runs, on all cores; the same at any number of them.
pub fn measure(lecture: &Lecture, runs: &[Run]) -> Vec<Divergence> {
    let (corpus, train) = (&lecture.corpus, &lecture.splits.train);
    let pairs: Vec<(&Run, Twin)> = runs.iter().flat_map(|run| Twin::ALL.map(|twin| (run, twin))).collect();
    pairs
        .into_par_iter()
        .map(|(run, twin)| diverge(Training::new(run.clone(), corpus), twin, train))
        .collect()
}

fn diverge(mut run: Training, twin: Twin, train: &Batch) -> Divergence {
    let mut other = run.clone();
    twin.start(&mut other);
    let (mut tape, mut distances, mut next, mut worst) = (Tape::new(), Vec::new(), 1, 0.0_f64);
    while run.step() < run.run.steps {
        let batch = run.draw(train);
        let loss = run.learn(&mut tape, &batch).loss;
        let other_loss = other.learn(&mut tape, &twin.batch(&batch, run.run.context)).loss;
        // NaN is as far away as can be.
        let difference = (loss - other_loss).abs();
        worst = if difference <= worst || worst.is_nan() { worst } else { difference };
        if run.step() == next || run.step() == run.run.steps {
            let parameters = apart(&run.model.parameters, &other.model.parameters);
            distances.push(Distance { step: run.step(), parameters, loss: worst });
            next = (next + 1).max(next * 11 / 10);
            worst = 0.0;
        }
    }
    Divergence { run: run.run.name, twin, distances }
}

/// `‖b − a‖/‖a‖`.
fn apart(a: &Parameters, b: &Parameters) -> f64 {
    let pairs = || a.0.iter().zip(&b.0).flat_map(|(a, b)| a.value.data().iter().zip(b.value.data()));
    let square = |x: f64| x * x;
    let difference: f64 = pairs().map(|(&a, &b)| square(f64::from(b) - f64::from(a))).sum();
    let length: f64 = pairs().map(|(&a, _)| square(f64::from(a))).sum();
    (difference / length).sqrt()
}
