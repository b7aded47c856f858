//! Two files of weights beside each other: the same values, the same distributions, or neither.

use std::collections::HashMap;

use diagnostics::{Level, Style, TextTable, annotation, significant};
use serde_json::{Value, json};

use super::text::plural;
use crate::{Checkpoint, CheckpointError, Dtype, TensorInfo, TensorSummary};

/// The tensors of two files by name.
#[derive(Clone, Debug)]
pub struct ComparedFiles {
    /// The files of each side.
    pub files: [String; 2],
    /// The tensors, in the order of the first file, then those that the second has alone.
    pub tensors: Vec<ComparedTensor>,
}

/// A tensor of two files.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedTensor {
    /// Its name.
    pub name: String,
    /// Its shape and type, in the first file that has it.
    pub info: TensorInfo,
    /// Its standard deviation in both; NaN where it is not judged or missing.
    pub stds: [f64; 2],
    /// The result of the comparison.
    pub relation: Relation,
}

/// The result of comparing a tensor of one file with that of another.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// Every value is the same.
    SameValues,
    /// Other values, perhaps of the same distribution: their distribution functions differ by no more than chance explains.
    SameDistribution,
    /// The distributions differ: the largest difference of the distribution functions, and at most the probability of as much
    /// between two draws of one distribution.
    Differs {
        /// The largest difference.
        distance: f64,
        /// The probability.
        p: f64,
    },
    /// The shapes differ; this is the second one.
    OtherShape(Vec<usize>),
    /// Only one of the files has it: 0 for the first, 1 for the second.
    OnlyIn(usize),
    /// A type whose values are not judged.
    NotJudged,
}

impl ComparedFiles {
    /// Compares two checkpoints that were opened. `progress` gets the number of bytes measured so far and that of all, one file
    /// after the other. The probability that two files drawn from the same distributions have a difference is at most
    /// `false_alarms`.
    ///
    /// # Errors
    /// If a file cannot be read, or has changed since it was opened.
    pub fn of(
        both: [&Checkpoint; 2],
        false_alarms: f64,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Self, CheckpointError> {
        let [first, second] = both;
        let summaries = [first.measure(&mut progress)?, second.measure(&mut progress)?];
        let names = |checkpoint: &Checkpoint| {
            checkpoint.files().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        let sides = [(first.tensors(), &summaries[0][..]), (second.tensors(), &summaries[1][..])];
        Ok(Self { files: both.map(names), tensors: compared(sides, false_alarms) })
    }

    /// True if a tensor differs in distribution or shape, or is missing.
    pub fn has_differences(&self) -> bool {
        self.tensors.iter().any(|tensor| tensor.relation.is_difference())
    }

    fn count(&self, wanted: impl Fn(&Relation) -> bool) -> usize {
        self.tensors.iter().filter(|tensor| wanted(&tensor.relation)).count()
    }

    fn lines(&self) -> Vec<String> {
        let same = self.count(|relation| *relation == Relation::SameValues);
        let other = self.count(|relation| *relation == Relation::SameDistribution);
        let different = self.count(Relation::is_difference);
        let [first, second] = &self.files;
        vec![
            format!("{first} against {second}: {}", plural(self.tensors.len(), "tensor")),
            format!("{same} with the same values"),
            format!("{other} with other values whose distributions are not told apart"),
            format!("{different} that differ"),
        ]
    }

    /// The counts, and the tensors, those that differ first.
    pub fn text(&self, style: Style) -> String {
        let lines: String = self.lines().iter().map(|line| format!("{line}\n")).collect();
        lines + "\n" + &self.table().aligned(style)
    }

    /// The same for a document.
    pub fn markdown(&self) -> String {
        let lines: String = self.lines().iter().map(|line| format!("{line}  \n")).collect();
        lines + "\n" + &self.table().markdown()
    }

    /// An annotation per tensor that differs, for a workflow on GitHub.
    pub fn github(&self) -> String {
        let different = self.tensors.iter().filter(|tensor| tensor.relation.is_difference());
        different
            .map(|tensor| {
                annotation(Level::Error, &format!("{} differs", tensor.name), &tensor.relation.text())
            })
            .collect()
    }

    /// JSON, version 1.
    pub fn json(&self) -> String {
        let tensors: Vec<Value> = self.tensors.iter().map(ComparedTensor::to_json).collect();
        let report =
            json!({ "format": "step-zero-against", "version": 1, "files": self.files, "tensors": tensors });
        format!("{report:#}\n")
    }

    fn table(&self) -> TextTable {
        let mut rows: Vec<&ComparedTensor> = self.tensors.iter().collect();
        rows.sort_by_key(|tensor| !tensor.relation.is_difference());
        let column = |heading: &str, cell: &dyn Fn(&ComparedTensor) -> String| {
            (heading.to_owned(), rows.iter().map(|tensor| cell(tensor)).collect::<Vec<_>>())
        };
        let std = |x: f64| if x.is_nan() { String::new() } else { significant(x, 3) };
        let columns = vec![
            column("tensor", &|tensor| tensor.name.clone()),
            column("std", &|tensor| std(tensor.stds[0])),
            column("std, other", &|tensor| std(tensor.stds[1])),
            column("", &|tensor| tensor.relation.text()),
        ];
        let bad: Vec<bool> = rows.iter().map(|tensor| tensor.relation.is_difference()).collect();
        TextTable::of(columns, &bad)
    }
}

impl ComparedTensor {
    fn to_json(&self) -> Value {
        let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
        let mut object = json!({
            "name": self.name,
            "relation": self.relation.name(),
            "std": [number(self.stds[0]), number(self.stds[1])],
        });
        if let Relation::Differs { distance, p } = self.relation {
            object["distance"] = json!(distance);
            object["p"] = json!(p);
        }
        object
    }
}

impl Relation {
    fn is_difference(&self) -> bool {
        !matches!(self, Self::SameValues | Self::SameDistribution | Self::NotJudged)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::SameValues => "same-values",
            Self::SameDistribution => "same-distribution",
            Self::Differs { .. } => "differs",
            Self::OtherShape(_) => "other-shape",
            Self::OnlyIn(0) => "only-in-first",
            Self::OnlyIn(_) => "only-in-second",
            Self::NotJudged => "not-judged",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::SameValues => "same values".to_owned(),
            Self::SameDistribution => "other values, not told apart".to_owned(),
            Self::Differs { distance, p } => format!(
                "another distribution: differs by {} (by chance at most {})",
                significant(*distance, 3),
                significant(p.max(1e-300), 1)
            ),
            Self::OtherShape(shape) => format!("its shape is {shape:?} in the other file"),
            Self::OnlyIn(0) => "the other file lacks it".to_owned(),
            Self::OnlyIn(_) => "only the other file has it".to_owned(),
            Self::NotJudged => "not judged".to_owned(),
        }
    }
}

type Side<'a> = (&'a [TensorInfo], &'a [Option<TensorSummary>]);

fn compared([first, second]: [Side<'_>; 2], false_alarms: f64) -> Vec<ComparedTensor> {
    let places: HashMap<&str, usize> =
        second.0.iter().enumerate().map(|(at, tensor)| (tensor.name.as_str(), at)).collect();
    let std = |summary: Option<&TensorSummary>| summary.map_or(f64::NAN, |summary| summary.moments.std());
    let each = false_alarms / first.0.len().max(1) as f64;
    let of_first = first.0.iter().zip(first.1).map(|(info, summary)| {
        let other = places.get(info.name.as_str()).map(|&at| (&second.0[at], second.1[at].as_ref()));
        let relation = match (summary, other) {
            (_, None) => Relation::OnlyIn(0),
            (_, Some((other, _))) if other.shape != info.shape => Relation::OtherShape(other.shape.clone()),
            (Some(a), Some((_, Some(b)))) => relation(a, b, each),
            _ => Relation::NotJudged,
        };
        let stds = [std(summary.as_ref()), std(other.and_then(|(_, summary)| summary))];
        ComparedTensor { name: info.name.clone(), info: info.clone(), stds, relation }
    });
    let known: std::collections::HashSet<&str> = first.0.iter().map(|tensor| tensor.name.as_str()).collect();
    let alone = second.0.iter().zip(second.1).filter(|(info, _)| !known.contains(info.name.as_str()));
    let of_second = alone.map(|(info, summary)| ComparedTensor {
        name: info.name.clone(),
        info: info.clone(),
        stds: [f64::NAN, std(summary.as_ref())],
        relation: Relation::OnlyIn(1),
    });
    of_first.chain(of_second).collect()
}

fn relation(a: &TensorSummary, b: &TensorSummary, false_alarms: f64) -> Relation {
    if a.dtype == b.dtype && a.hash == b.hash {
        return Relation::SameValues;
    }
    let distance = distance(a, b);
    let p = probability(a.finite() as f64, b.finite() as f64, distance);
    if p < false_alarms { Relation::Differs { distance, p } } else { Relation::SameDistribution }
}

/// The largest difference between the two distribution functions at the edges of bins, less what rounding to half precision
/// may make of one of them.
fn distance(a: &TensorSummary, b: &TensorSummary) -> f64 {
    let bins = |summary: &TensorSummary| -> Vec<(f64, f64)> {
        // One edge for both, whatever the types: bins of the same bits.
        summary.histogram.bins(&Dtype::F32).map(|bin| (bin.upper, bin.count as f64)).collect()
    };
    let (left, right) = (bins(a), bins(b));
    let totals = [&left, &right].map(|bins| bins.iter().map(|(_, count)| count).sum::<f64>().max(1.0));
    let mut edges: Vec<f64> = left.iter().chain(&right).map(|(edge, _)| *edge).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let (mut at, mut below, mut largest) = ([0, 0], [0.0, 0.0], 0.0_f64);
    for edge in edges {
        for (side, bins) in [&left, &right].into_iter().enumerate() {
            while bins.get(at[side]).is_some_and(|(upper, _)| *upper <= edge) {
                below[side] += bins[at[side]].1;
                at[side] += 1;
            }
        }
        largest = largest.max((below[0] / totals[0] - below[1] / totals[1]).abs());
    }
    let slack = if a.dtype == b.dtype { 0.0 } else { ROUNDED };
    (largest - slack).max(0.0)
}

/// The share of values that rounding to bf16 moves across an edge: half a unit in its last place is 2⁻⁹ of a number x, and the
/// density of x·f(x) is below 1 for a normal distribution.
const ROUNDED: f64 = 1.0 / 512.0;

/// At most the probability that the distribution functions of two samples of one distribution differ by `distance`.
///
/// For samples of equal size n of 458 or more, it is below e·exp(−n·distance²): Wei and Dudley (*Dvoretzky–Kiefer–Wolfowitz
/// inequalities for the two-sample case*, arXiv 1107.5356, abstract) have 2 in place of e. For others, by Massart's inequality, a
/// sample of n differs from its distribution by more than ε with a probability of 2·exp(−2nε²) at most, and two samples that
/// differ by `distance` cannot both be within half of it.
#[allow(clippy::float_cmp, reason = "numbers of values")]
fn probability(n: f64, m: f64, distance: f64) -> f64 {
    if n == m && n >= 458.0 {
        return (1.0 - n * distance * distance).exp().min(1.0);
    }
    let half = distance / 2.0;
    let each = |n: f64| 2.0 * (-2.0 * n * half * half).exp();
    (each(n) + each(m)).min(1.0)
}

#[cfg(test)]
mod tests {
    use nn_init::{Generator, Layout, Scheme};

    use super::*;

    fn summary(scheme: Scheme, seed: u64, count: usize) -> TensorSummary {
        let mut values = vec![0_f32; count];
        scheme.fill(&[count], Layout::OUT_IN, &mut values, &mut Generator::manual_seed(seed)).unwrap();
        TensorSummary::of_f32(&[count], &values)
    }

    fn normal(std: f64) -> Scheme {
        Scheme::Normal { mean: 0.0, std }
    }

    #[test]
    fn equal_values_equal_distributions_and_different_ones_are_told_apart() {
        let count = 100_000;
        let first = summary(normal(0.02), 1, count);
        assert_eq!(relation(&first, &first.clone(), 1e-6), Relation::SameValues);
        assert_eq!(relation(&first, &summary(normal(0.02), 2, count), 1e-6), Relation::SameDistribution);
        let wider = relation(&first, &summary(normal(0.022), 2, count), 1e-6);
        assert!(wider.is_difference(), "{wider:?}");
        let bound = 0.02 * 3f64.sqrt();
        let uniform = summary(Scheme::Uniform { lo: -bound, hi: bound }, 2, count);
        assert!(relation(&first, &uniform, 1e-6).is_difference());
    }

    /// Half of the tests of equal distributions may fail at a rate of one half; of a thousand at one in a thousand, about none.
    #[test]
    fn two_draws_differ_no_more_often_than_said() {
        let draw = |seed| summary(normal(1.0), seed, 200);
        let alarms =
            (0..1000).filter(|&seed| relation(&draw(2 * seed), &draw(2 * seed + 1), 0.01).is_difference());
        assert!(alarms.count() <= 10);
    }

    #[test]
    fn tensors_that_only_one_file_has_and_other_shapes_are_differences() {
        let info = |name: &str, shape: &[usize]| TensorInfo {
            name: name.into(),
            dtype: Dtype::F32,
            shape: shape.into(),
        };
        let (a, b) = ([info("w", &[2]), info("x", &[2])], [info("w", &[3]), info("y", &[2])]);
        let none = [None, None];
        let found = compared([(&a, &none), (&b, &none)], 1e-6);
        let relations: Vec<_> = found.iter().map(|tensor| tensor.relation.clone()).collect();
        assert_eq!(relations, [Relation::OtherShape(vec![3]), Relation::OnlyIn(0), Relation::OnlyIn(1)]);
    }

    #[test]
    fn the_probability_is_a_bound() {
        assert_eq!(probability(10.0, 10.0, 0.1), 1.0);
        assert!(probability(1e6, 1e6, 0.01) < 1e-20);
    }
}
