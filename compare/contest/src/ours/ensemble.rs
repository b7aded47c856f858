//! Many seeds of the lesson's network, seen before their first step.

use std::hint::black_box;

use autograd::Tape;
use diagnostics::Settings;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use specimen::{Batch, Init, Model, Network, lesson};
use torch_rng::Generator;

use super::Job;
use cli::Failure;

/// Whole seeds in parallel; each thread keeps its tape.
pub(super) struct Ensemble {
    seeds: u64,
    pool: ThreadPool,
    batch: Batch,
    /// Of each seed the loss, and of its last layer standard deviation and saturated share.
    seen: Vec<[f64; 3]>,
}

impl Ensemble {
    pub(super) fn new(seeds: usize, threads: usize) -> Result<Self, Failure> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Failure::new(format!("cannot start {threads} threads: {error}")))?;
        Ok(Self { seeds: seeds as u64, pool, batch: lesson::bigrams().batch, seen: Vec::new() })
    }
}

impl Job for Ensemble {
    fn round(&mut self) {
        let Self { seeds, pool, batch, seen } = self;
        let settings = Settings { geometry: false, ..Settings::default() };
        let observe = |tape: &mut Tape, seed| {
            let network = Network::lesson();
            let drawn = Init::LESSON_RANDOM.draw(&network, &mut Generator::manual_seed(seed));
            let model = Model::new(network, drawn);
            let pass = model.pass(tape, batch);
            let report = black_box(model.report(&pass, settings));
            report
                .layers
                .last()
                .map_or([f64::NAN; 3], |layer| [pass.loss, layer.post.summary.std(), layer.above_threshold()])
        };
        *seen = pool.install(|| (0..*seeds).into_par_iter().map_init(Tape::new, observe).collect());
    }

    /// Their means.
    fn gave(&self) -> Vec<f64> {
        let mean = |at: usize| self.seen.iter().map(|seen| seen[at]).sum::<f64>() / self.seen.len() as f64;
        (0..3).map(mean).collect()
    }
}
