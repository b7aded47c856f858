//! The words, split for training, validation and test.

use cli::{Cell, Table};
use specimen::Batch;

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "splits",
    title: "Dataset: examples with a context of three symbols; words shuffled after Python's random.seed(42)",
    run: |lecture: &Lecture| {
        let mut table =
            Table::new(&[("split", "split"), ("examples", "examples"), ("symbols", "context length")]);
        let splits = &lecture.splits;
        let rows: [(&str, &Batch); 3] =
            [("train", &splits.train), ("val", &splits.val), ("test", &splits.test)];
        for (name, batch) in rows {
            let examples = Cell::Count(batch.targets.len() as u64);
            table.push(vec![Cell::text(name), examples, Cell::Count(Lecture::CONTEXT as u64)]);
        }
        let corpus = &lecture.corpus;
        let note = format!("{} words, {} symbols.", corpus.words(), corpus.alphabet.0.len());
        Output::table(table).notes([note])
    },
};
