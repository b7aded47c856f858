//! One run: a network, its initialisation, and its training.

use std::fmt;

use cli::Failure;
use nn_init::Scheme;
use specimen::{Draw, Init, Network, Norm, Scaling, Scalings};
use tensor::Activation;

use crate::named_init::NamedInit;

/// Everything that decides the digits of a run, except the words; and its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// The seed of PyTorch's generator, which draws the parameters and then the batches.
    pub seed: u64,
    /// The network. Its classes are those of the lecture's words; training takes those of its own words.
    pub network: Network,
    /// The initialisation.
    pub scheme: NamedInit,
    /// The initialisation of the biases, where it is not the scheme's.
    pub biases: Option<Biases>,
    /// The factors by which parameters are scaled after they are drawn.
    pub scalings: Scalings,
    /// Examples in a batch.
    pub batch: usize,
    /// The learning rate from a step on; the first from step 0.
    pub rates: Vec<(u64, f64)>,
    /// Steps.
    pub steps: u64,
    /// Steps between two entries of the loss log.
    pub every: u64,
}

/// An initialisation of biases that a run has in place of its scheme's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Biases {
    /// N(0, 1).
    Randn,
    /// 0, without taking random numbers.
    Zeros,
}

impl Run {
    /// The lecture's seed.
    pub const SEED: u64 = 2_147_483_647;

    /// One hidden layer of 200 units, everything from N(0, 1), 200,000 steps: where the lecture begins.
    fn shallow(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seed: Self::SEED,
            network: Network { context: 3, hidden: vec![200], ..Network::lesson() },
            scheme: NamedInit::Random,
            biases: Some(Biases::Randn),
            scalings: Scalings::NONE,
            batch: 32,
            rates: vec![(0, 0.1), (100_000, 0.01)],
            steps: 200_000,
            every: 10_000,
        }
    }

    /// Five hidden layers of 100 units, weights over the root of their fan-in, the last a tenth of that, biases 0.
    fn deep(name: &str, gain: &str) -> Self {
        let scalings = Scalings {
            weights: Scaling::over_root_fan_in(),
            hidden: scaling(gain),
            last: Scaling::times(0.1),
            named: vec![],
        };
        let shallow = Self::shallow(name);
        let network = Network { hidden: vec![100; 5], ..shallow.network };
        let rates = vec![(0, 0.1), (150_000, 0.01)];
        let biases = Some(Biases::Zeros);
        Self { network, biases, scalings, rates, steps: 1001, every: 100, ..shallow }
    }

    fn scaled(mut self, scalings: &[(&str, &str)]) -> Self {
        self.scalings.named = scalings.iter().map(|&(name, text)| (name.to_owned(), scaling(text))).collect();
        self
    }

    fn normalised(mut self, norm: Norm) -> Self {
        self.network.norm = Some(norm);
        self
    }

    fn linear(mut self) -> Self {
        self.network.activation = Activation::Identity;
        self
    }

    /// The lecture's runs, in its order.
    pub fn all() -> Vec<Self> {
        let kaiming = "(5/3) / sqrt(fan_in)";
        let one = "1.0";
        vec![
            Self::shallow("shallow-raw"),
            Self::shallow("shallow-logits").scaled(&[("W2", "0.01"), ("b2", "0")]),
            Self::shallow("shallow-tanh").scaled(&[
                ("W1", "0.2"),
                ("b1", "0.01"),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self::shallow("shallow-kaiming").scaled(&[
                ("W1", kaiming),
                ("b1", "0.01"),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            // The lecture's saved notebook has no b1; its published losses are from before b1 was taken out.
            Self::shallow("shallow-norm-bias").normalised(Norm { bias: true, ..Norm::BY_HAND }).scaled(&[
                ("W1", kaiming),
                ("b1", "0.01"),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self::shallow("shallow-norm").normalised(Norm::BY_HAND).scaled(&[
                ("W1", kaiming),
                ("W2", "0.01"),
                ("b2", "0"),
            ]),
            Self::deep("deep", "(5/3)"),
            Self::deep("deep-half", "0.5"),
            Self::deep("deep-one", one),
            Self::deep("deep-three", "3"),
            Self::deep("deep-linear", one).linear(),
            Self::deep("deep-linear-gain", "(5/3)").linear(),
            Self::deep("deep-norm", one).normalised(Norm::LECTURE),
        ]
    }

    /// The names of the lecture's runs.
    pub fn names() -> Vec<String> {
        Self::all().into_iter().map(|run| run.name).collect()
    }

    /// The run of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|run| run.name == name)
    }

    /// The same run for `steps` steps, with an entry in the loss log every `every` steps.
    #[must_use]
    pub fn cut(self, steps: u64, every: u64) -> Self {
        Self { steps, every, ..self }
    }

    /// Its network for `classes` symbols.
    pub fn network_for(&self, classes: usize) -> Network {
        Network { classes, ..self.network.clone() }
    }

    /// Its initialisation.
    ///
    /// # Errors
    /// If the scheme needs a gain that PyTorch does not have for the activation.
    pub fn init(&self) -> Result<Init, Failure> {
        let init = Init { scalings: self.scalings.clone(), ..self.scheme.init(self.network.activation)? };
        let Some(biases) = self.biases else { return Ok(init) };
        let bias = match biases {
            Biases::Randn => Scheme::STANDARD_NORMAL,
            Biases::Zeros => Scheme::ZEROS,
        };
        let draw = if init.draw == Draw::Direct { Draw::Direct } else { Draw::Normal { discards: false } };
        Ok(Init { bias, draw, ..init })
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

/// A run file: every option of the command line, one per line.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every field is named, so that the compiler asks for the line of a new one.
        let Self { name: _, seed, network, scheme, biases, scalings, batch, rates, steps, every } = self;
        writeln!(f, "seed = {seed}")?;
        write_network(f, network)?;
        writeln!(f, "scheme = {scheme}")?;
        if let Some(biases) = biases {
            writeln!(f, "biases = {}", if *biases == Biases::Randn { "randn" } else { "zeros" })?;
        }
        writeln!(f, "weights = {}", scalings.weights)?;
        writeln!(f, "gain = {}", scalings.hidden)?;
        writeln!(f, "last = {}", scalings.last)?;
        for (name, scaling) in &scalings.named {
            writeln!(f, "scale = {name}={scaling}")?;
        }
        writeln!(f, "batch = {batch}")?;
        let rates = rates.iter().map(|(from, rate)| format!("{from}:{rate}"));
        writeln!(f, "rates = {}", rates.collect::<Vec<_>>().join(","))?;
        writeln!(f, "steps = {steps}")?;
        writeln!(f, "every = {every}")
    }
}

fn write_network(f: &mut fmt::Formatter<'_>, network: &Network) -> fmt::Result {
    let Network { classes: _, context, embedding, hidden, activation, norm } = network;
    let layers: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    writeln!(f, "context = {context}")?;
    writeln!(f, "embedding = {embedding}")?;
    writeln!(f, "layers = {}", layers.join(","))?;
    writeln!(f, "activation = {activation}")?;
    match norm {
        None => writeln!(f, "norm = none"),
        Some(norm) => write_norm(f, norm),
    }
}

fn write_norm(f: &mut fmt::Formatter<'_>, norm: &Norm) -> fmt::Result {
    let Norm { eps, momentum, keeps, logits, bias } = norm;
    writeln!(f, "norm = {}", if *logits { "all" } else { "hidden" })?;
    writeln!(f, "norm-bias = {bias}")?;
    writeln!(f, "eps = {eps}")?;
    writeln!(f, "momentum = {momentum}")?;
    writeln!(f, "keeps = {}", keeps.name())
}
