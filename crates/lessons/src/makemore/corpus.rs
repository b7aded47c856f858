//! Words shuffled and split as the lecture does it.

use specimen::{Alphabet, Batch, WordsError};
use torch_rng::python;

use super::names::Names;

/// The seed of Python's `random`, by which the words are shuffled.
const SHUFFLE: i128 = 42;

/// The words in their shuffled order, and their symbols.
pub struct Corpus {
    /// The symbols of all words.
    pub alphabet: Alphabet,
    /// SHA-256 of the file that the words came from.
    pub sha256: String,
    words: Vec<String>,
}

/// Examples for training, validation and testing: 80%, 10% and 10% of the words.
pub struct Splits {
    /// The first 80%, for training.
    pub train: Batch,
    /// The next 10%, for validation.
    pub val: Batch,
    /// The rest.
    pub test: Batch,
}

impl Corpus {
    /// The words of a file, shuffled by `random.seed(42); random.shuffle(words)`.
    ///
    /// # Errors
    /// If there are none.
    pub fn of(names: &Names) -> Result<Self, WordsError> {
        let mut words = names.words.clone();
        let alphabet = Alphabet::of(&refs(&words))?;
        python::Random::seed(SHUFFLE).shuffle(&mut words);
        Ok(Self { alphabet, sha256: names.sha256.clone(), words })
    }

    /// The number of words.
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Examples that show so many symbols, split at `int(0.8·n)` and `int(0.9·n)` words.
    pub fn splits(&self, context: usize) -> Splits {
        let words = refs(&self.words);
        let n = words.len() as f64;
        let (first, second) = ((0.8 * n) as usize, (0.9 * n) as usize);
        let examples = |words: &[&str]| self.alphabet.examples(words, context);
        Splits {
            train: examples(&words[..first]),
            val: examples(&words[first..second]),
            test: examples(&words[second..]),
        }
    }
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
