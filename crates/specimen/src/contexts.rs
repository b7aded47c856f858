//! Words as windows of symbols, each with the symbol that follows.

use std::collections::BTreeSet;

use crate::bigrams::END;
use crate::{Batch, WordsError};

/// The symbols of a list of words: `.` for the ends, then the words' characters in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alphabet(pub Vec<char>);

impl Alphabet {
    /// The alphabet of `words`.
    ///
    /// # Errors
    /// If there are no words, or one contains a `.`.
    pub fn of(words: &[&str]) -> Result<Self, WordsError> {
        if words.is_empty() {
            return Err(WordsError::None);
        }
        if let Some(word) = words.iter().find(|word| word.contains(END)) {
            return Err(WordsError::Separator((*word).to_owned()));
        }
        let letters: BTreeSet<char> = words.iter().flat_map(|word| word.chars()).collect();
        Ok(Self(std::iter::once(END).chain(letters).collect()))
    }

    /// The number of a symbol; `None` if it is not in the alphabet.
    pub fn index(&self, symbol: char) -> Option<usize> {
        if symbol == END {
            return Some(0);
        }
        self.0[1..].binary_search(&symbol).ok().map(|at| at + 1)
    }

    /// One example per position of every word, its end included: the `context` symbols before it, padded with `.`, and
    /// the symbol there.
    ///
    /// ```
    /// let alphabet = specimen::Alphabet::of(&["ab"])?;
    /// let batch = alphabet.examples(&["ab"], 2);
    /// assert_eq!(batch.inputs, [0, 0, 0, 1, 1, 2]); // .. .a ab
    /// assert_eq!(batch.targets, [1, 2, 0]); // a b .
    /// # Ok::<(), specimen::WordsError>(())
    /// ```
    ///
    /// # Panics
    /// If a word contains a character that is not in the alphabet.
    #[track_caller]
    pub fn examples(&self, words: &[&str], context: usize) -> Batch {
        let mut batch = Batch { inputs: Vec::new(), targets: Vec::new() };
        for word in words {
            let mut window = vec![0; context];
            for letter in word.chars().chain([END]) {
                let Some(next) = self.index(letter) else {
                    panic!("'{word}': '{letter}' is not in the alphabet")
                };
                batch.inputs.extend(&window);
                batch.targets.push(next);
                window.push(next);
                window.remove(0);
            }
        }
        batch
    }
}

impl Batch {
    /// The examples with these indices, in that order.
    ///
    /// # Panics
    /// If an index is out of range.
    #[track_caller]
    pub fn pick(&self, context: usize, indices: &[usize]) -> Self {
        let windows = indices.iter().flat_map(|&index| &self.inputs[index * context..][..context]);
        Self {
            inputs: windows.copied().collect(),
            targets: indices.iter().map(|&index| self.targets[index]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alphabet;
    use crate::{Bigrams, WordsError};

    #[test]
    fn a_context_of_one_is_bigrams() {
        let words = ["emma", "olivia", "ava"];
        let (alphabet, bigrams) = (Alphabet::of(&words).unwrap(), Bigrams::of(&words).unwrap());
        assert_eq!(alphabet.0, bigrams.symbols);
        assert_eq!(alphabet.examples(&words, 1), bigrams.batch);
    }

    #[test]
    fn picked_examples_are_whole() {
        let alphabet = Alphabet::of(&["abc"]).unwrap();
        let picked = alphabet.examples(&["abc"], 3).pick(3, &[3, 0, 3]);
        assert_eq!(picked.inputs, [1, 2, 3, 0, 0, 0, 1, 2, 3]);
        assert_eq!(picked.targets, [0, 1, 0]);
    }

    #[test]
    fn unusable_words_are_refused() {
        assert_eq!(Alphabet::of(&[]), Err(WordsError::None));
        assert_eq!(Alphabet::of(&["a.b"]), Err(WordsError::Separator("a.b".to_owned())));
        assert_eq!(Alphabet::of(&["ab"]).unwrap().index('c'), None);
    }

    #[test]
    #[should_panic(expected = "'abc': 'c' is not in the alphabet")]
    fn characters_outside_the_alphabet_are_named() {
        Alphabet::of(&["ab"]).unwrap().examples(&["abc"], 2);
    }
}
