//! Published numbers: the saved outputs of the lecture's notebook and of a student's.

use std::collections::BTreeMap;

use cli::{Cell, Progress, Table};
use diagnostics::Summary;
use rayon::prelude::*;
use serde::Deserialize;

use super::corpus::{Corpus, Splits};
use super::lecture::Lecture;
use super::run::Run;
use super::run_report::SATURATION;
use super::training::{Losses, Training};
use crate::artifact::Output;

/// The published outputs and their sources.
#[derive(Deserialize)]
pub struct Published {
    /// The repositories, commits and files that they are from.
    pub source: Vec<String>,
    /// The loss logs of whole runs.
    pub logs: Vec<Log>,
    /// The statistics of single steps.
    pub passes: Vec<Step>,
}

/// The loss log of a whole run.
#[derive(Deserialize)]
pub struct Log {
    /// The name of the lecture's run.
    pub run: String,
    /// Steps between two entries.
    pub every: u64,
    /// The losses, to four decimals.
    pub losses: Vec<f64>,
    /// True if the final losses are normalised by the mean and variance of their own split, and not by running ones.
    #[serde(default)]
    pub statistics_of_split: bool,
    /// The final loss on the training words.
    pub train: f64,
    /// The final loss on the validation words.
    pub val: f64,
}

/// The statistics of one step.
#[derive(Deserialize)]
pub struct Step {
    /// Which of the lecture's runs it is.
    pub run: String,
    /// The number of steps done.
    pub steps: u64,
    /// The loss of this step.
    pub loss: Option<f64>,
    /// The loss of the first step.
    pub loss_step0: Option<f64>,
    /// `mean`, `std`, `saturated_pct` of activations, one number per layer.
    pub layers: BTreeMap<String, Vec<f64>>,
    /// `mean`, `std` of gradients at activations, one number per layer.
    pub layer_grad: BTreeMap<String, Vec<f64>>,
    /// `grad_std`, `grad_data_ratio`, one number per matrix.
    pub weights: Option<BTreeMap<String, Vec<f64>>>,
    /// `train`, `val` in evaluation.
    pub eval_after_1001: Option<BTreeMap<String, f64>>,
}

impl Published {
    /// The numbers in published.json.
    ///
    /// # Panics
    /// Never: the file is part of the program.
    pub fn known() -> Self {
        serde_json::from_str(include_str!("published.json")).expect("the record is part of the program")
    }
}

/// Trains every published run to its end and compares it with its published log.
pub(super) fn output(lecture: &Lecture) -> Output {
    let Published { source, logs, .. } = Published::known();
    let steps: u64 = logs.iter().filter_map(|log| Run::find(&log.run)).map(|run| run.steps).sum();
    let progress = Progress::bar("published runs, steps", steps as usize);
    let (corpus, splits) = (&lecture.corpus, &lecture.splits);
    let ours: Vec<_> = logs.par_iter().map(|log| ours(log, corpus, splits, &progress)).collect();
    let mut table = Table::new(&[
        ("run", "run"),
        ("what", "quantity"),
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
    let mut brief = Table::new(&[
        ("run", "run"),
        ("entries", "entries"),
        ("difference", "largest difference"),
        ("published", "published final validation loss"),
        ("ours", "ours"),
    ]);
    for (log, (losses, last)) in logs.iter().zip(ours) {
        let differences = log.losses.iter().zip(&losses).map(|(published, ours)| (ours - published).abs());
        brief.push(vec![
            Cell::text(&log.run),
            Cell::Count(losses.len() as u64),
            Cell::scientific(differences.fold(0.0, f64::max), 1),
            Cell::fixed(log.val, 7),
            Cell::fixed(last.val, 7),
        ]);
        for ((&published, ours), at) in log.losses.iter().zip(losses).zip(0..) {
            add(&log.run, format!("loss at step {}", at * log.every), 4, published, ours);
            equal += u64::from(format!("{published:.4}") == format!("{ours:.4}"));
            all += 1;
        }
        add(&log.run, "final training loss".to_owned(), 7, log.train, last.train);
        add(&log.run, "final validation loss".to_owned(), 7, log.val, last.val);
    }
    let note = format!(
        "{equal} of {all} entries of the logs agree in all four published decimals. Published: {}.",
        source.join("; ")
    );
    Output::table(table).brief(brief).notes([note])
}

/// The losses at the log's steps, and the final losses.
fn ours(log: &Log, corpus: &Corpus, splits: &Splits, progress: &Progress) -> (Vec<f64>, Losses) {
    let Some(run) = Run::find(&log.run) else { panic!("the lecture has no run '{}'", log.run) };
    let run = Run { every: log.every, ..run };
    let trained = Training::new(run, corpus).run(&splits.train, |_| {
        progress.step();
        true
    });
    let losses = trained.training.log().map(|(_, loss)| loss).collect();
    let training = &trained.training;
    let last =
        if log.statistics_of_split { training.by_own_statistics(splits) } else { training.evaluate(splits) };
    (losses, last)
}

/// Compares the published statistics of single steps with ours.
pub(super) fn steps(lecture: &Lecture) -> Output {
    let mut rows = Vec::new();
    for step in Published::known().passes {
        rows.extend(step.rows(lecture));
    }
    let mut table = Table::new(&[
        ("run", "run"),
        ("steps", "steps"),
        ("what", "quantity"),
        ("published", "published"),
        ("ours", "ours"),
        ("agrees", "agrees"),
    ]);
    for row in &rows {
        let Row { run, steps, what, published, ours, decimals } = row;
        let shown = |x: f64| match decimals {
            Some(decimals) => Cell::fixed(x, *decimals),
            None => Cell::scientific(x, 6),
        };
        table.push(vec![
            Cell::text(run),
            Cell::Count(*steps),
            Cell::text(what),
            shown(*published),
            shown(*ours),
            Cell::text(if row.is_equal() { "yes" } else { "no" }),
        ]);
    }
    let equal = rows.iter().filter(|row| row.is_equal()).count();
    let note = format!(
        "{equal} of {} numbers agree: in every printed decimal, or, where all digits were printed, within a relative {NEAR:e}.",
        rows.len()
    );
    Output::table(table).notes([note])
}

/// The relative difference that two programs' orders of summation may reach in 1,001 steps.
const NEAR: f64 = 1e-5;

/// One published number beside ours.
struct Row {
    run: String,
    steps: u64,
    what: String,
    published: f64,
    ours: f64,
    /// The number of printed decimals; `None` if all digits were printed.
    decimals: Option<usize>,
}

impl Row {
    fn is_equal(&self) -> bool {
        match self.decimals {
            // Half a unit of the last decimal, and the rounding of the number itself.
            Some(decimals) => (self.ours - self.published).abs() <= 0.5001 * 10f64.powi(-(decimals as i32)),
            None => (self.ours - self.published).abs() <= NEAR * self.published.abs(),
        }
    }
}

impl Step {
    fn rows(&self, lecture: &Lecture) -> Vec<Row> {
        let trained = lecture.trained(&self.run, self.steps);
        let Some(report) = trained.report(SATURATION, false) else { return Vec::new() };
        let mut rows = Vec::new();
        let mut add = |what: String, published: f64, ours: f64, decimals: Option<usize>| {
            rows.push(Row { run: self.run.clone(), steps: self.steps, what, published, ours, decimals });
        };
        if let Some(loss) = self.loss {
            add(
                "loss".to_owned(),
                loss,
                f64::from(trained.training.losses[self.steps as usize - 1]),
                Some(4),
            );
        }
        if let Some(loss) = self.loss_step0 {
            add("loss of the first step".to_owned(), loss, f64::from(trained.training.losses[0]), Some(4));
        }
        for (at, layer) in report.layers.iter().enumerate() {
            let name = &layer.name;
            let (post, gradient) = (&layer.post.summary, layer.gradient.as_ref().map(|g| &g.summary));
            let mut of = |from: &BTreeMap<String, Vec<f64>>, key: &str, what: &str, ours: f64, decimals| {
                if let Some(&published) = from.get(key).and_then(|values| values.get(at)) {
                    add(format!("{name} {what}"), published, ours, decimals);
                }
            };
            of(&self.layers, "mean", "mean", post.mean(), Some(2));
            of(&self.layers, "std", "std", post.std(), Some(2));
            of(&self.layers, "saturated_pct", "saturated, %", 100.0 * layer.above_threshold(), Some(2));
            let of_gradient = |figure: fn(&Summary) -> f64| gradient.map_or(f64::NAN, figure);
            of(&self.layer_grad, "mean", "gradient mean", of_gradient(Summary::mean), Some(6));
            of(&self.layer_grad, "std", "gradient std", of_gradient(Summary::std), None);
        }
        let matrices =
            report.weights.iter().filter(|weight| trained.training.updates.names.contains(&weight.name));
        for (at, weight) in matrices.enumerate() {
            let published = |key: &str| self.weights.as_ref()?.get(key)?.get(at).copied();
            let std = weight.gradient.as_ref().map_or(f64::NAN, |gradient| gradient.summary.std());
            if let (Some(of_std), Some(ratio)) = (published("grad_std"), published("grad_data_ratio")) {
                add(format!("{} gradient std", weight.name), of_std, std, None);
                add(format!("{} gradient : data", weight.name), ratio, weight.grad_data_ratio(), None);
            }
        }
        if let Some(published) = &self.eval_after_1001 {
            let losses = trained.training.evaluate(&lecture.splits);
            for (what, ours) in [("train", losses.train), ("val", losses.val)] {
                if let Some(&published) = published.get(what) {
                    add(format!("{what}, in evaluation"), published, ours, None);
                }
            }
        }
        rows
    }
}
