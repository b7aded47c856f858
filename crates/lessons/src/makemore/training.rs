//! A run, step by step.

use autograd::Tape;
use diagnostics::{Binning, Report, Settings, Updates};
use specimen::{Batch, Model, Parameters, Pass, Role};
use torch_rng::Generator;

use super::corpus::{Corpus, Splits};
use super::run::Run;

/// Steps whose update ratios are kept: as many as the lecture plots.
const UPDATES: u64 = 1001;

/// A run between two steps: all that its further digits depend on, and what it has shown so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// The run.
    pub run: Run,
    /// The network as it is now.
    pub model: Model,
    /// The generator that draws the next batch.
    pub generator: Generator,
    /// The loss of every step so far, before its update.
    pub losses: Vec<f32>,
    /// Update ratios of each weight over the first steps.
    pub updates: Updates,
}

/// A finished or interrupted run, and its last step.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The run after its last step.
    pub training: Training,
    /// The last step, before its update; `None` if there was none.
    pub last: Option<Pass>,
}

/// Mean cross-entropy in evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// On the words that the network was trained by.
    pub train: f64,
    /// On the words to choose by.
    pub val: f64,
    /// On the rest.
    pub test: f64,
}

impl Training {
    /// A run before its first step.
    ///
    /// # Panics
    /// If the initialisation does not fit the network.
    pub fn new(run: Run, corpus: &Corpus) -> Self {
        let network = run.network_for(corpus.alphabet.0.len());
        let mut generator = Generator::manual_seed(run.seed);
        let init = run.init().unwrap_or_else(|error| panic!("{error}"));
        let parameters: Parameters = init.draw(&network, &mut generator);
        let updates = Updates::new(matrices(&parameters).map(|at| parameters.0[at].name.clone()));
        Self { run, model: Model::new(network, parameters), generator, losses: Vec::new(), updates }
    }

    /// Steps done.
    pub fn step(&self) -> u64 {
        self.losses.len() as u64
    }

    /// Runs to its last step, or until `go_on`, asked before each, says no.
    pub fn run(mut self, train: &Batch, mut go_on: impl FnMut(&Self) -> bool) -> Trained {
        let mut tape = Tape::new();
        let mut last = None;
        while self.step() < self.run.steps && go_on(&self) {
            last = Some(self.advance(&mut tape, train));
        }
        Trained { training: self, last }
    }

    /// One step: a batch is drawn, run, and descended.
    pub fn advance(&mut self, tape: &mut Tape, train: &Batch) -> Pass {
        let batch = self.draw(train);
        self.learn(tape, &batch)
    }

    /// The next batch: `torch.randint(0, n, (batch,), generator=g)`.
    pub fn draw(&mut self, train: &Batch) -> Batch {
        let mut places = vec![0_i64; self.run.batch];
        self.generator.randint(0, train.targets.len() as i64, &mut places);
        let places: Vec<usize> = places.into_iter().map(|place| place as usize).collect();
        train.pick(self.run.network.context, &places)
    }

    /// A step by a batch of any origin.
    pub fn learn(&mut self, tape: &mut Tape, batch: &Batch) -> Pass {
        let (step, rate) = (self.step(), self.run.rate(self.step()));
        let pass = self.model.pass(tape, batch);
        self.model.sgd_step(&pass, rate);
        self.losses.push(pass.loss as f32);
        if step < UPDATES {
            self.note_updates(step, &pass, rate);
        }
        pass
    }

    /// `log₁₀(std(rate·gradient)/std(weight))`, the weight after its update, as the lecture has it.
    fn note_updates(&mut self, step: u64, pass: &Pass, rate: f64) {
        let parameters = &self.model.parameters;
        let changes: Vec<_> = matrices(parameters)
            .map(|at| match &pass.gradients[at] {
                Some(gradient) => (gradient.scale(rate as f32), &parameters.0[at].value),
                None => (parameters.0[at].value.scale(0.0), &parameters.0[at].value),
            })
            .collect();
        self.updates.push(step, changes.iter().map(|(update, weight)| (update.data(), weight.data())));
    }

    /// The loss log: `(step, loss)` at every [`Run::every`]th.
    pub fn log(&self) -> impl Iterator<Item = (u64, f64)> {
        let every = self.run.every as usize;
        self.losses.iter().enumerate().step_by(every).map(|(step, &loss)| (step as u64, f64::from(loss)))
    }

    /// Mean losses over all examples, with running statistics.
    pub fn evaluate(&self, splits: &Splits) -> Losses {
        Losses::of(&self.model, splits)
    }

    /// Mean losses over all examples, with the statistics of the whole training set.
    pub fn calibrated(&self, splits: &Splits) -> Losses {
        Losses::of(&self.model.calibrated(&splits.train), splits)
    }

    /// Mean losses over all examples, with the statistics of each split itself.
    pub fn by_own_statistics(&self, splits: &Splits) -> Losses {
        let loss = |batch| self.model.calibrated(batch).loss(batch);
        Losses { train: loss(&splits.train), val: loss(&splits.val), test: loss(&splits.test) }
    }
}

impl Losses {
    fn of(model: &Model, splits: &Splits) -> Self {
        let loss = |batch| model.loss(batch);
        Self { train: loss(&splits.train), val: loss(&splits.val), test: loss(&splits.test) }
    }
}

impl Trained {
    /// The last step, measured with this threshold of saturation; `None` if there was none.
    pub fn report(&self, saturation: f64, maps: bool) -> Option<Report> {
        let gradient_bins = Binning::Range(50);
        let settings = Settings { saturation, maps, geometry: false, gradient_bins, ..Settings::default() };
        self.last.as_ref().map(|pass| self.training.model.report(pass, settings))
    }
}

/// The places of the parameters with two axes, whose gradients the lecture looks at.
fn matrices(parameters: &Parameters) -> impl Iterator<Item = usize> {
    let is_matrix = |role| matches!(role, Role::Embedding | Role::Weight);
    let roles: Vec<Role> = parameters.0.iter().map(|parameter| parameter.role).collect();
    (0..roles.len()).filter(move |&at| is_matrix(roles[at]))
}
