//! The lesson at one seed: its data, its network, and one observation per initialisation.

use std::sync::OnceLock;

use clap::ValueEnum;
use cli::{Failure, Progress};
use diagnostics::{LossCurvature, Settings};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::lesson::NAMES;
use specimen::{Alphabet, Batch, Curvature, Init, Model, Network, Observation, Parameters};
use torch_rng::{Generator, Source};

/// The generator of random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RandomSource {
    /// PyTorch's generator, which gives PyTorch's digits.
    Torch,
    /// ChaCha8, which is portable.
    Chacha,
}

impl RandomSource {
    /// The generator at a seed.
    pub fn generator(self, seed: u64) -> Box<dyn Source<f32>> {
        match self {
            Self::Torch => Box::new(Generator::manual_seed(seed)),
            Self::Chacha => Box::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

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

/// The residual at which the ends of a spectrum count as found, in units of the larger: below the three digits that are shown.
const CURVATURE_TOLERANCE: f64 = 1e-4;

/// Products with a curvature, at most; and parameters, as a vector of that length is kept per product: 5 GB.
const PRODUCTS: usize = 300;
const MOST_PARAMETERS: usize = 2_000_000;

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

    /// The curvature of the loss with any initialisation that fits the network.
    ///
    /// # Errors
    /// If the network is too large, or the ends of a spectrum are not found.
    pub fn curvature(&self, init: &Init) -> Result<LossCurvature, Failure> {
        let _progress = Progress::spinner("measuring curvature");
        let parameters = self.source.draw(self.seed, &self.network, init);
        let count = parameters.count();
        if count > MOST_PARAMETERS {
            return Err(Failure::new(format!(
                "--curvature: {count} parameters are too many; it measures networks of up to {MOST_PARAMETERS}"
            )));
        }
        let model = Model::new(self.network.clone(), parameters);
        let ends = |of| {
            let start = &mut Generator::manual_seed(0);
            let ends = model.curvature(of, &self.batch, CURVATURE_TOLERANCE, PRODUCTS, start);
            let found = ends.converged(CURVATURE_TOLERANCE);
            found.then_some(ends).ok_or_else(|| {
                Failure::new(format!(
                    "--curvature: {PRODUCTS} products do not find the ends of the spectrum; leave it out"
                ))
            })
        };
        let (hessian, gauss_newton) = (ends(Curvature::Hessian)?, ends(Curvature::GaussNewton)?);
        Ok(LossCurvature {
            hessian_min: hessian.smallest.value,
            hessian_max: hessian.largest.value,
            gauss_newton_max: gauss_newton.largest.value,
        })
    }

    /// The network with any initialisation that fits it.
    pub fn observe(&self, init: &Init, settings: Settings) -> Observation {
        let _progress = Progress::spinner("running the network");
        let parameters = self.source.draw(self.seed, &self.network, init);
        self.network.observe(&parameters, &self.batch, settings)
    }
}
