//! The lesson at one seed: its data, its network, and what that shows at each of its starts.

use std::sync::OnceLock;

use clap::ValueEnum;
use diagnostics::Settings;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Bigrams, Mlp, Observation, Parameters, Start};
use torch_rng::Generator;

use cli::Progress;

/// Where random numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stream {
    /// PyTorch's generator: the digits are PyTorch's.
    Torch,
    /// ChaCha8: portable, and nobody else's digits.
    Chacha,
}

impl Stream {
    /// The parameters of `mlp` from any start at a seed.
    pub fn draw(self, seed: u64, mlp: &Mlp, start: &Start) -> Parameters {
        match self {
            Self::Torch => start.draw(mlp, &mut Generator::manual_seed(seed)),
            Self::Chacha => start.draw(mlp, &mut ChaCha8Rng::seed_from_u64(seed)),
        }
    }
}

/// The lesson's network at one seed; what several artifacts show is computed once.
pub struct Lesson {
    /// The random source.
    pub stream: Stream,
    /// Its seed.
    pub seed: u64,
    /// The network.
    pub mlp: Mlp,
    /// The pairs that it is shown.
    pub bigrams: Bigrams,
    /// At the random, Kaiming and Xavier start.
    seen: [OnceLock<Observation>; 3],
}

impl Lesson {
    /// The lesson's own seed.
    pub const SEED: u64 = 42;

    /// The lesson's data and `mlp` at a seed.
    pub fn new(stream: Stream, seed: u64, mlp: Mlp) -> Self {
        let seen = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        Self { stream, seed, mlp, bigrams: specimen::lesson::bigrams(), seen }
    }

    /// As the lesson runs it.
    pub fn original() -> Self {
        Self::new(Stream::Torch, Self::SEED, Mlp::LESSON)
    }

    /// Whether this is the lesson as it stands.
    pub fn is_original(&self) -> bool {
        (self.stream, self.seed, self.mlp) == (Stream::Torch, Self::SEED, Mlp::LESSON)
    }

    /// The network at the lesson's random init.
    pub fn random(&self) -> &Observation {
        self.at(0, &Start::LESSON_RANDOM)
    }

    /// The network at the lesson's Kaiming init.
    pub fn kaiming(&self) -> &Observation {
        self.at(1, &Start::LESSON_KAIMING)
    }

    /// The network at the lesson's Xavier init.
    pub fn xavier(&self) -> &Observation {
        self.at(2, &Start::LESSON_XAVIER)
    }

    fn at(&self, place: usize, start: &Start) -> &Observation {
        self.seen[place].get_or_init(|| self.observe(start))
    }

    /// The network at any start that fits it.
    pub fn observe(&self, start: &Start) -> Observation {
        let _progress = Progress::spinner("running the network");
        let parameters = self.stream.draw(self.seed, &self.mlp, start);
        self.mlp.observe(&parameters, &self.bigrams.batch, Settings::default())
    }
}
