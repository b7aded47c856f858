//! The initial loss of each network.

use cli::{Cell, Table};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "start-losses",
    title: "The loss before the first step, compared with uniform guessing",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[
            ("run", "run"),
            ("parameters", "parameters"),
            ("loss", "loss"),
            ("excess", "loss − ln(symbols)"),
        ]);
        for run in Run::all() {
            let trained = lecture.trained(&run.name, 1);
            let loss = f64::from(trained.training.losses[0]);
            table.push(vec![
                Cell::text(run.name),
                Cell::Count(trained.training.model.parameters.count() as u64),
                Cell::fixed(loss, 4),
                Cell::signed(loss - lecture.chance(), 4),
            ]);
        }
        let note = format!(
            "ln({}) = {:.4} is the loss of uniform guessing.",
            lecture.corpus.alphabet.0.len(),
            lecture.chance()
        );
        Output::table(table).notes([note])
    },
};
