//! Reproducibility: a run beside copies of it with one weight an ulp off, and with sums in another order.

use autograd::Tape;
use diagnostics::Summary;
use rayon::prelude::*;
use specimen::{Batch, Curvature, Generator, Model, Parameters, Pass};
use tensor::Real;

use super::lecture::Lecture;
use super::run::Run;
use super::training::Training;

/// The difference between a perturbed copy and its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perturbation {
    /// W1's first weight is the next number of its precision.
    Ulp,
    /// Every batch is in the opposite order, so every sum over examples is.
    Order,
}

/// The distance of a perturbed copy from its run after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// Steps done.
    pub step: u64,
    /// `‖θ′ − θ‖/‖θ‖` over all parameters.
    pub parameters: f64,
    /// The difference of the losses of this step, at most over the steps since the last distance.
    pub loss: f64,
}

/// A run beside its perturbed copies.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The run.
    pub run: String,
    /// `χ₁ = E‖∂hₙ/∂hₙ₋₁‖²` a unit, of the last hidden layer, at the variances that the first batch shows.
    pub chi: f64,
    /// The learning rate times both ends of the spectrum of the Hessian of the batch's loss, before the first step.
    pub hessian: [f64; 2],
    /// The learning rate times the largest eigenvalue of its Gauss–Newton matrix, before the first step.
    pub gauss_newton: f64,
    /// The outermost of `hessian`, the end of each tenth of the steps included.
    pub outermost: [f64; 2],
    /// Each copy, and its distances at steps that grow by about a tenth.
    pub copies: [(Perturbation, Vec<Distance>); 2],
}

/// The step from which on losses differ in the fourth decimal; `None` if they never do.
pub fn visible(distances: &[Distance]) -> Option<u64> {
    let differs = |distance: &&Distance| distance.loss.is_nan() || distance.loss >= VISIBLE;
    distances.iter().find(differs).map(|distance| distance.step)
}

/// Half of the fourth decimal, which is the last that a loss log prints.
const VISIBLE: f64 = 5e-5;

/// The residual at which the ends of a spectrum count as found, in units of the larger: below the digits that are compared.
const TOLERANCE: f64 = 1e-4;

/// Products with a curvature, at most.
const PRODUCTS: usize = 200;

impl Perturbation {
    /// Both perturbations.
    pub const ALL: [Self; 2] = [Self::Ulp, Self::Order];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ulp => "one ulp",
            Self::Order => "sum order",
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

/// Trains these runs and their perturbed copies, on all cores; the result does not depend on their number.
pub fn measure(lecture: &Lecture, runs: &[Run]) -> Vec<Measured> {
    let (corpus, train) = (&lecture.corpus, &lecture.splits.train);
    runs.par_iter().map(|run| measured(Training::new(run.clone(), corpus), train)).collect()
}

fn measured(mut run: Training, train: &Batch) -> Measured {
    let mut copies = Perturbation::ALL.map(|perturbation| Followed::of(perturbation, &run));
    let mut tape = Tape::new();
    let first = run.clone().draw(train);
    let chi = chi(&run.model, &run.model.pass(&mut tape, &first));
    let hessian = curvature(&run, Curvature::Hessian, &first);
    let [_, gauss_newton] = curvature(&run, Curvature::GaussNewton, &first);
    let (mut outermost, mut next, tenth) = (hessian, 1, run.run.steps.div_ceil(10));
    while run.step() < run.run.steps {
        let batch = run.draw(train);
        if run.step() % tenth == tenth - 1 {
            let [smallest, largest] = curvature(&run, Curvature::Hessian, &batch);
            outermost = [outermost[0].min(smallest), outermost[1].max(largest)];
        }
        let loss = run.learn(&mut tape, &batch).loss;
        let noted = run.step() == next || run.step() == run.run.steps;
        for copy in &mut copies {
            copy.follow(&mut tape, &batch, loss);
            if noted {
                copy.note(&run);
            }
        }
        next = if noted { (next + 1).max(next * 11 / 10) } else { next };
    }
    let copies = copies.map(|followed| (followed.perturbation, followed.distances));
    Measured { run: run.run.name, chi, hessian, gauss_newton, outermost, copies }
}

/// The learning rate times both ends of the spectrum of a curvature.
fn curvature(run: &Training, of: Curvature, batch: &Batch) -> [f64; 2] {
    let start = &mut Generator::manual_seed(0);
    let ends = run.model.curvature(of, batch, TOLERANCE, PRODUCTS, start);
    [ends.smallest, ends.largest].map(|end| run.run.rate(run.step()) * end.value)
}

/// A perturbed copy that is trained beside its run.
struct Followed {
    perturbation: Perturbation,
    training: Training,
    /// The largest difference of losses since the last distance.
    worst: f64,
    distances: Vec<Distance>,
}

impl Followed {
    fn of(perturbation: Perturbation, run: &Training) -> Self {
        let mut training = run.clone();
        perturbation.start(&mut training);
        Self { perturbation, training, worst: 0.0, distances: Vec::new() }
    }

    fn follow(&mut self, tape: &mut Tape, batch: &Batch, loss: f64) {
        let batch = self.perturbation.batch(batch, self.training.run.network.context);
        let difference = (self.training.learn(tape, &batch).loss - loss).abs();
        // NaN is as far away as can be.
        self.worst = if difference <= self.worst || self.worst.is_nan() { self.worst } else { difference };
    }

    fn note(&mut self, run: &Training) {
        let parameters = apart(&run.model.parameters, &self.training.model.parameters);
        self.distances.push(Distance { step: run.step(), parameters, loss: self.worst });
        self.worst = 0.0;
    }
}

/// `‖b − a‖/‖a‖`.
fn apart(a: &Parameters, b: &Parameters) -> f64 {
    let pairs = || a.0.iter().zip(&b.0).flat_map(|(a, b)| a.value.data().iter().zip(b.value.data()));
    let square = |x: f64| x * x;
    let difference: f64 = pairs().map(|(&a, &b)| square(f64::from(b) - f64::from(a))).sum();
    let length: f64 = pairs().map(|(&a, _)| square(f64::from(a))).sum();
    (difference / length).sqrt()
}

/// χ₁ of the last hidden layer, `σ_w²·fan_in·E f′(h)²`; what is normalised is divided by the deviation of its product,
/// `σ_w²·fan_in·E x²` squared, x the layer's input.
pub(crate) fn chi<T: Real>(model: &Model<T>, pass: &Pass<T>) -> f64 {
    let (network, layers) = (&model.network, &pass.layers);
    let Some(last) = layers.last() else { return f64::NAN };
    let slopes = Summary::of(network.activation.apply(&last.pre).1.data()).mean_square();
    let input = layers.len().checked_sub(2).map_or(&pass.embedded, |before| &layers[before].post);
    let weight = model.parameters.get(&format!("W{}", layers.len()));
    let Some(weight) = weight.map(|weight| &weight.value) else { return f64::NAN };
    let field = Summary::of(weight.data()).mean_square() * weight.shape().dims()[0] as f64;
    match network.norm_of(layers.len()) {
        Some(_) => slopes / Summary::of(input.data()).mean_square(),
        None => slopes * field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::makemore::names::Names;
    use specimen::lesson::NAMES;

    fn small(name: &str, steps: u64) -> Run {
        let run = Run::find(name).unwrap();
        let mut run = run.cut(steps, steps);
        run.network.hidden.fill(9);
        run
    }

    #[test]
    fn it_is_the_same_at_any_number_of_threads() {
        let lecture = Lecture::new(&Names::of(&NAMES), false).unwrap();
        let runs = ["deep", "deep-norm", "shallow-raw"].map(|name| small(name, 12));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| measure(&lecture, &runs))
        };
        let one = on(1);
        assert_eq!(on(2), one);
        assert_eq!(on(3), one);
        for Measured { run, copies, .. } in one {
            for (perturbation, distances) in copies {
                assert!(
                    distances.iter().any(|distance| distance.parameters > 0.0),
                    "{run}: {perturbation:?} differs"
                );
                assert_eq!(distances.last().map(|distance| distance.step), Some(12));
            }
        }
    }

    #[test]
    fn what_a_log_shows_is_found() {
        let at = |step, loss| Distance { step, parameters: 0.0, loss };
        assert_eq!(visible(&[at(1, 0.0), at(2, 4e-5)]), None);
        assert_eq!(visible(&[at(1, 0.0), at(2, 6e-5), at(3, 0.0)]), Some(2));
        assert_eq!(visible(&[at(1, f64::NAN)]), Some(1));
    }
}
