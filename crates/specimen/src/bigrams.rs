//! Words as pairs of neighbouring symbols.

use std::collections::BTreeMap;
use std::fmt;

use autograd::Var;
use tensor::Real;

use crate::Alphabet;

/// What a network is shown: input symbols, and the symbol that follows each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The symbols of each example: one, or as many as the network's context.
    pub inputs: Vec<usize>,
    /// The symbol to predict, one an example.
    pub targets: Vec<usize>,
}

/// A batch with each input once: equal inputs have equal rows in every layer, so a network need run only once
/// for each. On the lesson's data, 21 rows in place of 130.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// The symbols that occur, ascending.
    pub inputs: Vec<usize>,
    /// How often each occurs.
    pub counts: Vec<u64>,
    /// For each example, which of `inputs` it shows.
    pub rows: Vec<usize>,
    /// For each example, the symbol to predict.
    pub targets: Vec<usize>,
}

impl Batch {
    /// The same examples, each input once.
    pub fn distinct(&self) -> Distinct {
        let mut occurring: BTreeMap<usize, u64> = BTreeMap::new();
        for &input in &self.inputs {
            *occurring.entry(input).or_default() += 1;
        }
        let (inputs, counts): (Vec<usize>, Vec<u64>) = occurring.into_iter().unzip();
        let rows = self.inputs.iter().map(|input| inputs.partition_point(|other| other < input)).collect();
        Distinct { inputs, counts, rows, targets: self.targets.clone() }
    }
}

impl Distinct {
    /// The batch's mean cross-entropy, in nats, from the logits of its distinct inputs `[inputs.len(), classes]`.
    ///
    /// The logarithm is taken once a row, and of it each example's target: a cross-entropy of gathered logits takes it
    /// once an example, a tenth of the lesson's audit.
    ///
    /// # Panics
    /// If the logits have another number of rows, or a target is not below `classes`.
    #[track_caller]
    pub fn cross_entropy<'t, T: Real>(&self, logits: Var<'t, T>) -> Var<'t, T> {
        let log_shares = logits.log_softmax();
        let (rows, entries) = (self.inputs.len(), log_shares.shape().numel());
        let classes = entries / rows.max(1);
        let known = self.targets.iter().all(|&target| target < classes);
        assert!(
            known && entries == rows * classes,
            "cross_entropy: logits {} for {rows} inputs",
            logits.shape()
        );
        let examples = self.rows.iter().zip(&self.targets);
        let targets: Vec<usize> = examples.map(|(row, target)| row * classes + target).collect();
        log_shares.reshape([entries, 1]).gather(&targets).mean().scale(-1.0)
    }
}

/// Every pair of neighbours in a list of words, with `.` before the first and after the last symbol of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bigrams {
    /// The symbol of each index: `.`, then the words' characters in order.
    pub symbols: Vec<char>,
    /// The words.
    pub words: usize,
    /// The pairs, in the order of the words.
    pub batch: Batch,
}

/// Words that no pairs can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordsError {
    /// There are none.
    None,
    /// A word holds the separator `.`: its text.
    Separator(String),
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("there are no words to make pairs of"),
            Self::Separator(word) => {
                write!(f, "the word '{word}' holds a '.', which stands for the ends of words")
            }
        }
    }
}

impl std::error::Error for WordsError {}

/// What stands before the first and after the last symbol of a word.
pub(crate) const END: char = '.';

impl Bigrams {
    /// The pairs of `words`.
    ///
    /// # Errors
    /// If there are no words, or one holds a `.`.
    pub fn of(words: &[&str]) -> Result<Self, WordsError> {
        let alphabet = Alphabet::of(words)?;
        let batch = alphabet.examples(words, 1);
        Ok(Self { symbols: alphabet.0, words: words.len(), batch })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bigrams, WordsError};

    #[test]
    fn pairs_run_from_end_to_end() {
        let bigrams = Bigrams::of(&["aba", "c"]).unwrap();
        assert_eq!(bigrams.symbols, ['.', 'a', 'b', 'c']);
        assert_eq!(bigrams.batch.inputs, [0, 1, 2, 1, 0, 3]);
        assert_eq!(bigrams.batch.targets, [1, 2, 1, 0, 3, 0]);
    }

    #[test]
    fn distinct_rows_gather_to_the_batch() {
        let batch = Bigrams::of(&["aba", "c"]).unwrap().batch;
        let distinct = batch.distinct();
        assert_eq!((&distinct.inputs[..], &distinct.counts[..]), (&[0, 1, 2, 3][..], &[2, 2, 1, 1][..]));
        let gathered: Vec<usize> = distinct.rows.iter().map(|&row| distinct.inputs[row]).collect();
        assert_eq!(gathered, batch.inputs);
    }

    #[test]
    fn symbols_that_sort_before_the_separator_keep_their_places() {
        let bigrams = Bigrams::of(&["-z"]).unwrap();
        assert_eq!((bigrams.symbols, bigrams.batch.inputs), (vec!['.', '-', 'z'], vec![0, 1, 2]));
    }

    #[test]
    fn unusable_words_are_refused() {
        assert_eq!(Bigrams::of(&[]), Err(WordsError::None));
        let error = Bigrams::of(&["ok", "a.b"]).unwrap_err();
        assert_eq!(error.to_string(), "the word 'a.b' holds a '.', which stands for the ends of words");
    }
}
