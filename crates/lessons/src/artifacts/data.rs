//! The size of the data set and of its vocabulary.

use cli::{Cell, Table};

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

pub(super) const DATASET: Artifact = Artifact {
    id: "dataset",
    title: "Dataset",
    run: |lesson: &Lesson| {
        let (words, pairs) = (specimen::lesson::NAMES.len(), lesson.batch.targets.len());
        let mut table = Table::new(&[("names", "names"), ("pairs", "bigram pairs")]);
        table.push(vec![Cell::Count(words as u64), Cell::Count(pairs as u64)]);
        Output::line(table, format!("Dataset: {words} names, {pairs} bigram pairs"))
    },
};

pub(super) const VOCABULARY: Artifact = Artifact {
    id: "vocabulary",
    title: "Vocabulary",
    run: |lesson: &Lesson| {
        let symbols = &lesson.alphabet.0;
        let mut table = Table::new(&[("symbols", "symbols"), ("characters", "characters")]);
        table.push(vec![Cell::Count(symbols.len() as u64), Cell::text(symbols.iter().collect::<String>())]);
        Output::line(table, format!("Vocabulary: {} chars", symbols.len()))
    },
};
