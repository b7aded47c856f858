//! One run: a network, its start, and how it is trained.

use std::fmt;

use specimen::{Network, Norm, ScaledStart, Scaling};
use tensor::Activation;

/// Everything that decides the digits of a run, but the words; and how long it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it is called.
    pub name: String,
    /// The seed of PyTorch's generator, which draws the parameters and then the batches.
    pub seed: u64,
    /// Symbols that an example shows: the lecture's block size.
    pub context: usize,
    /// Size of the embedding.
    pub embedding: usize,
    /// Units of each hidden layer.
    pub hidden: Vec<usize>,
    /// The activation of the hidden layers; the identity for none.
    pub activation: Activation,
    /// The normalisation behind the products.
    pub norm: Option<Norm>,
    /// How the parameters are drawn and scaled.
    pub start: ScaledStart,
    /// Examples in a batch.
    pub batch: usize,
    /// The learning rate from a step on; the first from step 0.
    pub rates: Vec<(u64, f64)>,
    /// Steps.
    pub steps: u64,
    /// Steps between two entries of the loss log.
    pub every: u64,
}

impl Run {
    /// The lecture's seed.
    pub const SEED: u64 = 2_147_483_647;

    /// One hidden layer of 200 units, everything from N(0, 1), 200,000 steps: where the lecture begins.
    fn shallow(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seed: Self::SEED,
            context: 3,
            embedding: 10,
            hidden: vec![200],
            activation: Activation::Tanh,
            norm: None,
            start: ScaledStart::raw(),
            batch: 32,
            rates: vec![(0, 0.1), (100_000, 0.01)],
            steps: 200_000,
            every: 10_000,
        }
    }

    /// Five hidden layers of 100 units, weights over the root of their fan-in, the last a tenth of that, biases 0.
    fn deep(name: &str, gain: &str) -> Self {
        let start = ScaledStart {
            draws_biases: false,
            every: Scaling::over_root_fan_in(),
            hidden: scaling(gain),
            last: Scaling::times(0.1),
            named: vec![],
        };
        let rates = vec![(0, 0.1), (150_000, 0.01)];
        Self { start, hidden: vec![100; 5], rates, steps: 1001, every: 100, ..Self::shallow(name) }
    }

    fn named(self, scalings: &[(&str, &str)]) -> Self {
        let named = scalings.iter().map(|&(name, text)| (name.to_owned(), scaling(text))).collect();
        Self { start: ScaledStart { named, ..self.start }, ..self }
    }

    /// The lecture's runs, in its order.
    pub fn all() -> Vec<Self> {
        let kaiming = "(5/3) / sqrt(fan_in)";
        let one = "1.0";
        vec![
            Self::shallow("shallow-raw"),
            Self::shallow("shallow-logits").named(&[("W2", "0.01"), ("b2", "0")]),
            Self::shallow("shallow-tanh").named(&[
                ("W1", "0.2"),
                ("b1", "0.01"),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self::shallow("shallow-kaiming").named(&[
                ("W1", kaiming),
                ("b1", "0.01"),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self { norm: Some(Norm::BY_HAND), ..Self::shallow("shallow-norm") }.named(&[
                ("W1", kaiming),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self::deep("deep", "(5/3)"),
            Self::deep("deep-half", "0.5"),
            Self::deep("deep-one", one),
            Self::deep("deep-three", "3"),
            Self { activation: Activation::Identity, ..Self::deep("deep-linear", one) },
            Self { activation: Activation::Identity, ..Self::deep("deep-linear-gain", "(5/3)") },
            Self { norm: Some(Norm::LECTURE), ..Self::deep("deep-norm", one) },
        ]
    }

    /// The run of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|run| run.name == name)
    }

    /// The same, for so many steps with an entry in the loss log at every so many.
    #[must_use]
    pub fn cut(self, steps: u64, every: u64) -> Self {
        Self { steps, every, ..self }
    }

    /// Its network, for so many symbols.
    pub fn network(&self, classes: usize) -> Network {
        Network {
            classes,
            context: self.context,
            embedding: self.embedding,
            hidden: self.hidden.clone(),
            activation: self.activation,
            norm: self.norm,
        }
    }

    /// The learning rate of a step.
    pub fn rate(&self, step: u64) -> f64 {
        self.rates.iter().rev().find(|&&(from, _)| from <= step).map_or(0.0, |&(_, rate)| rate)
    }
}

fn scaling(text: &str) -> Scaling {
    match text.parse() {
        Ok(scaling) => scaling,
        Err(error) => unreachable!("the lecture's scalings are fixed: {error}"),
    }
}

/// A run file: every option of the command line, a line each.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        writeln!(f, "seed = {}", self.seed)?;
        writeln!(f, "context = {}", self.context)?;
        writeln!(f, "embedding = {}", self.embedding)?;
        writeln!(f, "hidden = {}", list(&self.hidden))?;
        writeln!(f, "activation = {}", self.activation)?;
        match self.norm {
            None => writeln!(f, "norm = none")?,
            Some(norm) => {
                writeln!(f, "norm = {}", if norm.logits { "all" } else { "hidden" })?;
                writeln!(f, "eps = {}", norm.eps)?;
                writeln!(f, "momentum = {}", norm.momentum)?;
                writeln!(f, "keeps = {}", norm.keeps.name())?;
            }
        }
        writeln!(f, "biases = {}", if self.start.draws_biases { "randn" } else { "zeros" })?;
        writeln!(f, "weights = {}", self.start.every)?;
        writeln!(f, "gain = {}", self.start.hidden)?;
        writeln!(f, "last = {}", self.start.last)?;
        for (name, scaling) in &self.start.named {
            writeln!(f, "scale = {name}={scaling}")?;
        }
        writeln!(f, "batch = {}", self.batch)?;
        let rates = self.rates.iter().map(|(from, rate)| format!("{from}:{rate}"));
        writeln!(f, "rates = {}", rates.collect::<Vec<_>>().join(","))?;
        writeln!(f, "steps = {}", self.steps)?;
        writeln!(f, "every = {}", self.every)
    }
}
