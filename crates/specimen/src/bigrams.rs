//! Words as pairs of neighbouring symbols.

use std::fmt;

use crate::Alphabet;

/// The examples of a pass: input symbols, and the symbol that follows each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The symbols of each example: one, or as many as the network's context.
    pub inputs: Vec<usize>,
    /// The symbol to predict, one per example.
    pub targets: Vec<usize>,
}

/// Every pair of neighbours in a list of words, with `.` before the first and after the last symbol of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bigrams {
    /// The symbol of each index: `.`, then the words' characters in order.
    pub symbols: Vec<char>,
    /// The number of words.
    pub words: usize,
    /// The pairs, in the order of the words.
    pub batch: Batch,
}

/// Words that no examples can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WordsError {
    /// There are no words.
    None,
    /// A word contains the separator `.`: its text.
    Separator(String),
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("there are no words; at least one is needed"),
            Self::Separator(word) => {
                write!(f, "the word '{word}' contains '.', which is reserved for the ends of words")
            }
        }
    }
}

impl std::error::Error for WordsError {}

/// The symbol before the first and after the last symbol of a word.
pub(crate) const END: char = '.';

impl Bigrams {
    /// The pairs of `words`.
    ///
    /// # Errors
    /// If there are no words, or one contains a `.`.
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
    fn symbols_that_sort_before_the_separator_keep_their_places() {
        let bigrams = Bigrams::of(&["-z"]).unwrap();
        assert_eq!((bigrams.symbols, bigrams.batch.inputs), (vec!['.', '-', 'z'], vec![0, 1, 2]));
    }

    #[test]
    fn unusable_words_are_refused() {
        assert_eq!(Bigrams::of(&[]), Err(WordsError::None));
        let error = Bigrams::of(&["ok", "a.b"]).unwrap_err();
        assert_eq!(error.to_string(), "the word 'a.b' contains '.', which is reserved for the ends of words");
    }
}
