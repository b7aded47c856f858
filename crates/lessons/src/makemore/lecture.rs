//! The lecture on some words: what several artifacts show is run once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use specimen::WordsError;

use super::corpus::{Corpus, Splits};
use super::names::Names;
use super::run::Run;
use super::training::{Trained, Training};
use super::watch::Watch;

/// The lecture's words, and the runs that have been made on them.
pub struct Lecture {
    /// The words.
    pub corpus: Corpus,
    /// Their examples of the lecture's context.
    pub splits: Splits,
    /// Whether what takes minutes is wanted in full.
    pub long: bool,
    runs: RefCell<BTreeMap<(String, u64), Rc<Trained>>>,
}

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
        Ok(Self { corpus, splits, long, runs: RefCell::default() })
    }

    /// One of the lecture's runs after so many steps.
    ///
    /// # Panics
    /// If the lecture has no run of that name.
    pub fn trained(&self, name: &str, steps: u64) -> Rc<Trained> {
        let key = (name.to_owned(), steps);
        let known = self.runs.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let Some(run) = Run::find(name) else { panic!("the lecture has no run '{name}'") };
            let every = (steps / 20).max(1).min(run.every);
            let training = Training::new(run.cut(steps, every), &self.corpus);
            let mut watch = Watch::of(&training, None);
            let trained = Rc::new(training.run(&self.splits.train, |training| watch.step(training)));
            self.runs.borrow_mut().insert(key, Rc::clone(&trained));
            trained
        })
    }

    /// ln of the symbols: the loss of a network that knows nothing and claims nothing.
    pub fn chance(&self) -> f64 {
        (self.corpus.alphabet.0.len() as f64).ln()
    }
}
