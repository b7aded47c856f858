//! Many seeds of the lesson's network, measured before their first step.

use std::hint::black_box;

use autograd::Tape;
use diagnostics::Settings;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use shared::{Fallible, Job};
use specimen::{Batch, Init, Model, Network, lesson};
use torch_rng::Generator;

/// Whole seeds in parallel; each thread keeps its tape.
pub(super) struct EnsembleJob {
    seeds: u64,
    pool: ThreadPool,
    batch: Batch,
    /// The loss of each seed, and the standard deviation and the fraction with |h| > 0.99 of its last layer.
    measured: Vec<[f64; 3]>,
}

impl EnsembleJob {
    pub(super) fn new(seeds: usize, threads: usize) -> Fallible<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| format!("cannot start {threads} threads: {error}"))?;
        Ok(Self { seeds: seeds as u64, pool, batch: lesson::bigrams().batch, measured: Vec::new() })
    }
}

impl Job for EnsembleJob {
    fn round(&mut self) -> Fallible<()> {
        let Self { seeds, pool, batch, measured } = self;
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
        *measured = pool.install(|| (0..*seeds).into_par_iter().map_init(Tape::new, observe).collect());
        Ok(())
    }

    /// The means over all seeds.
    fn numbers(&self) -> Fallible<Vec<f64>> {
        let all = &self.measured;
        let mean = |at: usize| all.iter().map(|one| one[at]).sum::<f64>() / all.len() as f64;
        Ok((0..3).map(mean).collect())
    }
}
