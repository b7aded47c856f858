//! Normalisation after training: whose mean and variance, and the names that the network makes up.

use specimen::Model;

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;
use crate::makemore::samples::samples;
use crate::makemore::training::Losses;
use cli::{Cell, Table};

const STEPS: u64 = 1001;

/// Names that the lecture samples, and how far their seed is from the run's.
const SAMPLES_OF: usize = 20;
const SEED: u64 = Run::SEED + 10;

pub(super) const MODES: Artifact<Lecture> = Artifact {
    id: "norm-statistics",
    title: "Loss in evaluation after 1,001 steps: by running statistics, and by those of the whole training set",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[
            ("run", "run"),
            ("statistics", "mean and variance"),
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
    title: "Names made up after 1,001 steps",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[("at", "at"), ("deep", "deep"), ("deep-norm", "deep-norm")]);
        let names = |run| {
            let trained = lecture.trained(run, STEPS);
            let model: &Model = &trained.training.model;
            samples(model, &lecture.corpus.alphabet, SEED, SAMPLES_OF)
        };
        let (deep, norm) = (names("deep"), names("deep-norm"));
        for (at, (deep, norm)) in (1..).zip(deep.into_iter().zip(norm)) {
            table.push(vec![Cell::Count(at), Cell::text(deep), Cell::text(norm)]);
        }
        Output::table(table)
    },
};
