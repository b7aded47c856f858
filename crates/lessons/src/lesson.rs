//! The lesson at one seed: its data, its network, and one observation per initialisation.

use std::sync::OnceLock;

use clap::ValueEnum;
use cli::Progress;
use diagnostics::Settings;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::lesson::NAMES;
use specimen::{Alphabet, Batch, Init, Network, Observation, Parameters};
use torch_rng::Generator;

/// The generator of random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RandomSource {
    /// PyTorch's generator, which gives PyTorch's digits.
    Torch,
    /// ChaCha8, which is portable.
    Chacha,
}

impl RandomSource {
    /// The parameters of a network at a seed.
    pub fn draw(self, seed: u64, network: &Network, init: &Init) -> Parameters {
        match self {
            Self::Torch => init.draw(network, &mut Generator::manual_seed(seed)),
            Self::Chacha => init.draw(network, &mut ChaCha8Rng::seed_from_u64(seed)),
        }
    }
}

/// A network on the lesson's names at one seed. An observation that several artifacts show is made once.
pub struct Lesson {
    /// The random source.
    pub source: RandomSource,
    /// Its seed.
    pub seed: u64,
    /// The network.
    pub network: Network,
    /// The symbols of the names.
    pub alphabet: Alphabet,
    /// One example per position of every name.
    pub batch: Batch,
    /// With the random, Kaiming and Xavier init.
    observed: [OnceLock<Observation>; 3],
}

impl Lesson {
    /// The lesson's own seed.
    pub const SEED: u64 = 42;

    /// The lesson's names and a network at a seed.
    pub fn new(source: RandomSource, seed: u64, network: Network) -> Self {
        let observed = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        let alphabet = Alphabet(specimen::lesson::bigrams().symbols);
        let batch = alphabet.examples(&NAMES, network.context);
        Self { source, seed, network, alphabet, batch, observed }
    }

    /// The lesson itself.
    pub fn original() -> Self {
        Self::new(RandomSource::Torch, Self::SEED, Network::lesson())
    }

    /// True if this is the lesson itself: its seed, its random numbers and its network.
    pub fn is_original(&self) -> bool {
        let Self { source, seed, network, .. } = self;
        (*source, *seed, network) == (RandomSource::Torch, Self::SEED, &Network::lesson())
    }

    /// The network at the lesson's random init.
    pub fn random(&self) -> &Observation {
        self.once(0, &Init::LESSON_RANDOM)
    }

    /// The network at the lesson's Kaiming init.
    pub fn kaiming(&self) -> &Observation {
        self.once(1, &Init::LESSON_KAIMING)
    }

    /// The network at the lesson's Xavier init.
    pub fn xavier(&self) -> &Observation {
        self.once(2, &Init::LESSON_XAVIER)
    }

    fn once(&self, at: usize, init: &Init) -> &Observation {
        self.observed[at].get_or_init(|| self.observe(init, Settings::default()))
    }

    /// The network with any initialisation that fits it.
    pub fn observe(&self, init: &Init, settings: Settings) -> Observation {
        let _progress = Progress::spinner("running the network");
        let parameters = self.source.draw(self.seed, &self.network, init);
        self.network.observe(&parameters, &self.batch, settings)
    }
}
