//! Numbers that were printed by others: the saved outputs of the lecture's notebook and of a student's.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Deserialize;

use super::corpus::{Corpus, Splits};
use super::lecture::Lecture;
use super::run::Run;
use super::training::{Losses, Training};
use crate::artifact::Output;
use crate::progress::Progress;
use crate::table::{Cell, Table};

/// Published outputs, with their source.
#[derive(Deserialize)]
pub struct Published {
    /// Where they stand.
    pub source: Vec<String>,
    /// Loss logs of whole runs.
    pub logs: Vec<Log>,
    /// What single steps showed.
    pub passes: Vec<Step>,
}

/// The loss log of a whole run.
#[derive(Deserialize)]
pub struct Log {
    /// Which of the lecture's runs it is.
    pub run: String,
    /// Steps between two entries.
    pub every: u64,
    /// To four decimals.
    pub losses: Vec<f64>,
    /// The final loss on the words to train by.
    pub train: f64,
    /// The final loss on the words to choose by.
    pub val: f64,
}

/// What one step showed.
#[derive(Deserialize)]
pub struct Step {
    /// Which of the lecture's runs it is.
    pub run: String,
    /// After how many steps.
    pub steps: u64,
    /// The loss of this step.
    pub loss: Option<f64>,
    /// The loss of the first step.
    pub loss_step0: Option<f64>,
    /// `mean`, `std`, `saturated_pct` of activations, a number a layer.
    pub layers: BTreeMap<String, Vec<f64>>,
    /// `mean`, `std` of gradients at activations, a number a layer.
    pub layer_grad: BTreeMap<String, Vec<f64>>,
    /// `grad_std`, `grad_data_ratio`, a number a matrix.
    pub weights: Option<BTreeMap<String, Vec<f64>>>,
    /// `train`, `val` in evaluation.
    pub eval_after_1001: Option<BTreeMap<String, f64>>,
}

impl Published {
    /// What is known.
    ///
    /// # Panics
    /// Never: the file is part of the program.
    pub fn known() -> Self {
        serde_json::from_str(include_str!("published.json")).expect("the record is part of the program")
    }
}

/// Every published run to its end, beside what was published.
pub(super) fn output(lecture: &Lecture) -> Output {
    let Published { source, logs, .. } = Published::known();
    let steps: u64 = logs.iter().filter_map(|log| Run::find(&log.run)).map(|run| run.steps).sum();
    let progress = Progress::bar("the lecture's 200,000 steps", steps as usize);
    let (corpus, splits) = (&lecture.corpus, &lecture.splits);
    let ours: Vec<_> = logs.par_iter().map(|log| ours(log, corpus, splits, &progress)).collect();
    let mut table = Table::new(&[
        ("run", "run"),
        ("what", "what"),
        ("published", "published"),
        ("ours", "ours"),
        ("difference", "difference"),
    ]);
    let mut add = |run: &str, what: String, decimals, published: f64, ours: f64| {
        table.push(vec![
            Cell::text(run),
            Cell::text(what),
            Cell::fixed(published, decimals),
            Cell::fixed(ours, decimals),
            Cell::scientific(ours - published, 1),
        ]);
    };
    let (mut equal, mut all) = (0, 0);
    for (log, (losses, last)) in logs.iter().zip(ours) {
        for ((&published, ours), at) in log.losses.iter().zip(losses).zip(0..) {
            add(&log.run, format!("loss at step {}", at * log.every), 4, published, ours);
            equal += u64::from(format!("{published:.4}") == format!("{ours:.4}"));
            all += 1;
        }
        add(&log.run, "train, at the end".to_owned(), 7, log.train, last.train);
        add(&log.run, "val, at the end".to_owned(), 7, log.val, last.val);
    }
    let note = format!(
        "{equal} of {all} entries of the logs have the published four decimals. Published: {}.",
        source.join("; ")
    );
    Output::table(table).notes([note])
}

/// The losses at the log's steps, and those at the end.
fn ours(log: &Log, corpus: &Corpus, splits: &Splits, progress: &Progress) -> (Vec<f64>, Losses) {
    let Some(run) = Run::find(&log.run) else { panic!("the lecture has no run '{}'", log.run) };
    let run = Run { every: log.every, ..run };
    let trained = Training::new(run, corpus).run(&splits.train, |_| {
        progress.step();
        true
    });
    let losses = trained.training.log().map(|(_, loss)| loss).collect();
    (losses, trained.training.evaluate(splits))
}
