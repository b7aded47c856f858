//! Networks after training: evaluation with running and with calibrated statistics, and sampled names.

use cli::{Cell, Table};
use specimen::Model;

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;
use crate::makemore::samples::samples;
use crate::makemore::training::Losses;

const STEPS: u64 = 1001;

/// The number of names that the lecture samples.
const SAMPLES_OF: usize = 20;
/// The seed of the samples.
const SEED: u64 = Run::SEED + 10;
/// The number of names that a document shows.
const SHOWN: usize = 5;

pub(super) const MODES: Artifact<Lecture> = Artifact {
    id: "norm-statistics",
    title: "Evaluation loss after 1,001 steps, with running statistics and with those of the whole training set",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[
            ("run", "run"),
            ("statistics", "statistics"),
            ("train", "train"),
            ("val", "val"),
            ("test", "test"),
        ]);
        for run in ["shallow-norm", "deep-norm"] {
            let training = &lecture.trained(run, STEPS).training;
            let losses = [
                ("running", training.evaluate(&lecture.splits)),
                ("calibrated", training.calibrated(&lecture.splits)),
            ];
            for (statistics, Losses { train, val, test }) in losses {
                let losses = [train, val, test].map(|loss| Cell::fixed(loss, 4));
                table.push([Cell::text(run), Cell::text(statistics)].into_iter().chain(losses).collect());
            }
        }
        Output::table(table)
    },
};

pub(super) const SAMPLES: Artifact<Lecture> = Artifact {
    id: "samples",
    title: "Names sampled after 1,001 steps",
    run: |lecture: &Lecture| {
        let columns = [("at", "sample"), ("deep", "deep"), ("deep-norm", "deep-norm")];
        let (mut table, mut brief) = (Table::new(&columns), Table::new(&columns));
        let names = |run| {
            let trained = lecture.trained(run, STEPS);
            let model: &Model = &trained.training.model;
            samples(model, &lecture.corpus.alphabet, SEED, SAMPLES_OF)
        };
        let (deep, norm) = (names("deep"), names("deep-norm"));
        for (at, (deep, norm)) in (1..).zip(deep.into_iter().zip(norm)) {
            let row = vec![Cell::Count(at), Cell::text(deep), Cell::text(norm)];
            if brief.row_count() < SHOWN {
                brief.push(row.clone());
            }
            table.push(row);
        }
        Output::table(table).brief(brief)
    },
};
