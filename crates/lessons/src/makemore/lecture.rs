//! The lecture on some words. A run that several artifacts show is trained once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use specimen::WordsError;

use super::corpus::{Corpus, Splits};
use super::names::Names;
use super::run::Run;
use super::training::{Trained, Training};
use super::watch::Watch;

/// The lecture's words, and the runs that have been trained on them.
pub struct Lecture {
    /// The words.
    pub corpus: Corpus,
    /// Their examples of the lecture's context.
    pub splits: Splits,
    /// `true` to make measurements that take minutes in full.
    pub long: bool,
    runs: Mutex<TrainedRuns>,
}

/// Runs by name and steps, each trained by the first who asks for it.
type TrainedRuns = BTreeMap<(String, u64), Arc<OnceLock<Arc<Trained>>>>;

impl Lecture {
    /// Symbols that an example of the lecture shows.
    pub const CONTEXT: usize = 3;

    /// The lecture on these words.
    ///
    /// # Errors
    /// If there are none.
    pub fn new(names: &Names, long: bool) -> Result<Self, WordsError> {
        let corpus = Corpus::of(names)?;
        let splits = corpus.splits(Self::CONTEXT);
        Ok(Self { corpus, splits, long, runs: Mutex::default() })
    }

    /// One of the lecture's runs after so many steps.
    ///
    /// # Panics
    /// If the lecture has no run of that name.
    pub fn trained(&self, name: &str, steps: u64) -> Arc<Trained> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let run = Arc::clone(runs.entry((name.to_owned(), steps)).or_default());
        // Other runs go on while this one is trained.
        drop(runs);
        Arc::clone(run.get_or_init(|| Arc::new(self.train(name, steps))))
    }

    fn train(&self, name: &str, steps: u64) -> Trained {
        let Some(run) = Run::find(name) else { panic!("the lecture has no run '{name}'") };
        let every = (steps / 20).max(1).min(run.every);
        let training = Training::new(run.cut(steps, every), &self.corpus);
        let mut watch = Watch::of(&training, None);
        training.run(&self.splits.train, |training| watch.step(training))
    }

    /// ln of the number of symbols: the loss if every symbol is equally likely.
    pub fn chance(&self) -> f64 {
        (self.corpus.alphabet.0.len() as f64).ln()
    }
}
