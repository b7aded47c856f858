//! Tensors held to their expectations: [`judge_tensors`].
//!
//! **Certain and uncertain findings.** NaN, a wrong constant, values beyond a bound, zero rows, equal rows and tensors are
//! faults that no draw has. The others are tests with a probability, at most: of a result that deviates as much, if everything is
//! as expected. All tests of a file share one family-wise false-alarm rate by Holm's procedure.
//!
//! **Bounds, not approximations.** At a rate of 10⁻⁶ among a thousand tests, each has to be right at 10⁻⁹, for tensors of ten
//! values and of 10⁹. Normal and χ² approximations are wrong there by orders of magnitude, so every probability is an upper bound
//! that holds for every size: Chernoff's for means, mean squares and kurtosis (`chernoff.rs`), Agrawal's for goodness of fit
//! (`bins.rs`), binomial ones for copies and zeros. They cost about a quarter of a standard error. `examples/power.rs` measures
//! the false-alarm rate and the power.
//!
//! **Dependent values.** Orthogonal matrices, identities and sparse weights are held to what is exact about them: their norm,
//! projections, their pattern, the number of zeros. The independent values among the latter are tested as such.
//!
//! **Rounding.** Histogram edges lie half a unit in the last place below the numbers of the type; errors of means and variances
//! that rounding explains do not count.
//!
//! *Not found:* tensors that are multiples of each other; coarse distributions of a mean far from zero, where the histogram's bins
//! are wide; correlations between values that leave rows, columns and blocks even.

mod between;
mod bins;
mod causes;
mod check_kind;
mod checks;
mod chernoff;
mod files;
mod holm;
mod judged_tensor;
mod population;
mod precision;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use nn_init::Fans;

pub use check_kind::CheckKind;
pub use files::{CheckedFile, judge_replicas, judge_shards};

use crate::{ExpectedDraw, TensorSummary};
pub(crate) use bins::ExpectedBins;
use causes::NamedFans;
pub(crate) use causes::is_of_another_depth;
use checks::explains;
use judged_tensor::{JudgedTensor, MadeTest};
pub(crate) use population::Population;

/// A tensor to be judged.
#[derive(Clone, Copy, Debug)]
pub struct CheckedTensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its measured statistics.
    pub summary: &'a TensorSummary,
    /// What it is expected to be drawn from; `None` if nothing is known, and only NaN, ∞ and huge values are faults.
    pub expected: Option<&'a ExpectedDraw>,
}

/// A fault of one tensor, or of several together.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorFinding {
    /// The kind.
    pub kind: CheckKind,
    /// The names of the tensors.
    pub tensors: Vec<String>,
    /// What is wrong: the measured value, and the expected one.
    pub message: String,
    /// At most the probability of this, or of a larger deviation, if everything is as expected; 0 for a fault that no draw has.
    pub p: f64,
    /// What it looks like: mistakes that explain the values, the likeliest first.
    pub causes: Vec<String>,
}

impl TensorFinding {
    pub(crate) fn certain(kind: CheckKind, tensors: Vec<String>, message: impl Into<String>) -> Self {
        Self { kind, tensors, message: message.into(), p: 0.0, causes: vec![] }
    }
}

/// The rate of false alarms per file that callers choose unless they have a reason: one in a million.
pub const FALSE_ALARMS: f64 = 1e-6;

/// The findings about the tensors of a file, in their order, then those about several together.
///
/// `tied` has groups of tensors that must be equal, by their places in `tensors`. The probability that a file as expected has a
/// finding is at most `false_alarms`.
///
/// ```
/// use checkpoint::{CheckKind, CheckedTensor, ExpectedDraw, FALSE_ALARMS, TensorSummary, judge_tensors};
/// use nn_init::{Generator, Layout, Scheme};
///
/// // Kaiming's fan-out where fan-in was meant.
/// let (shape, scheme) = ([512, 256], Scheme::kaiming_normal(1.0));
/// let weight = scheme.fan_out().sample::<f32>(&shape, Layout::OUT_IN, &mut Generator::manual_seed(1))?;
/// let summary = TensorSummary::of_f32(&shape, weight.data());
/// let expected = ExpectedDraw::new(scheme, &shape, Layout::OUT_IN);
/// let tensor = CheckedTensor { name: "fc.weight", summary: &summary, expected: Some(&expected) };
///
/// let findings = judge_tensors(&[tensor], &[], FALSE_ALARMS);
/// assert_eq!(findings[0].kind, CheckKind::WrongStd);
/// assert_eq!(findings[0].message, "std is 0.04428; expected 0.0625 (0.709×)");
/// assert_eq!(findings[0].causes[0], "fan_out in place of fan_in");
/// # Ok::<(), nn_init::InitError>(())
/// ```
pub fn judge_tensors(
    tensors: &[CheckedTensor],
    tied: &[Vec<usize>],
    false_alarms: f64,
) -> Vec<TensorFinding> {
    let subjects: Vec<Option<JudgedTensor>> =
        tensors.iter().map(|tensor| JudgedTensor::new(tensor.summary, tensor.expected?)).collect();
    let made =
        tensors.iter().zip(&subjects).map(|(tensor, subject)| checks::all(tensor.summary, subject.as_ref()));
    let tests: Vec<(usize, MadeTest)> =
        made.enumerate().flat_map(|(at, tests)| tests.into_iter().map(move |test| (at, test))).collect();
    let probabilities: Vec<f64> = tests.iter().map(|(_, test)| test.p).collect();
    let rejected: Vec<&(usize, MadeTest)> =
        holm::rejected(&probabilities, false_alarms).into_iter().map(|place| &tests[place]).collect();

    let mut findings: Vec<TensorFinding> = vec![];
    for (at, group) in by_tensor(&rejected) {
        let kinds: Vec<CheckKind> = group.iter().map(|test| test.kind).collect();
        let causes = match &subjects[at] {
            Some(subject) if kinds.iter().any(|&kind| has_causes(kind)) => {
                causes::causes(subject, &fans_of_others(tensors, at))
            }
            _ => vec![],
        };
        for test in strongest(&group) {
            if !kinds.iter().any(|&cause| explains(cause, test.kind)) {
                let causes = if has_causes(test.kind) { causes.clone() } else { vec![] };
                let tensors = vec![tensors[at].name.to_owned()];
                findings.push(TensorFinding {
                    kind: test.kind,
                    tensors,
                    message: test.message.clone(),
                    p: test.p,
                    causes,
                });
            }
        }
    }
    rank_causes(&mut findings);
    findings.extend(between::findings(tensors, &subjects, tied));
    findings
}

/// True for kinds that another scheme may explain.
fn has_causes(kind: CheckKind) -> bool {
    matches!(
        kind,
        CheckKind::WrongMean | CheckKind::WrongStd | CheckKind::WrongDistribution | CheckKind::OutOfBounds
    )
}

/// The rejected tests of each tensor.
fn by_tensor<'a>(rejected: &[&'a (usize, MadeTest)]) -> Vec<(usize, Vec<&'a MadeTest>)> {
    let groups = rejected.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0, group.iter().map(|(_, test)| test).collect())).collect()
}

/// One test of each kind: the least probable.
fn strongest<'a>(tests: &[&'a MadeTest]) -> Vec<&'a MadeTest> {
    let mut strongest: Vec<&MadeTest> = vec![];
    for &test in tests {
        match strongest.iter_mut().find(|other| other.kind == test.kind) {
            Some(other) if test.p < other.p => *other = test,
            Some(_) => {}
            None => strongest.push(test),
        }
    }
    strongest
}

/// The fans of the other tensors with at least two axes.
fn fans_of_others<'a>(tensors: &'a [CheckedTensor], own: usize) -> Vec<NamedFans<'a>> {
    let others = tensors.iter().enumerate().filter(|(at, _)| *at != own);
    let fans = others.filter_map(|(_, tensor)| {
        let [part] = &tensor.expected?.parts[..] else { return None };
        Some(NamedFans { name: tensor.name, fans: Fans::of(&part.shape, tensor.expected?.layout).ok()? })
    });
    fans.collect()
}

/// Puts the causes first that explain the most tensors: one mistake in the code has one text in all of them.
fn rank_causes(findings: &mut [TensorFinding]) {
    let mut explained: HashMap<String, usize> = HashMap::new();
    for cause in findings.iter().flat_map(|finding| &finding.causes) {
        *explained.entry(cause.clone()).or_default() += 1;
    }
    for finding in findings {
        // The sort is stable: named mistakes stay in front of others that explain as many.
        finding.causes.sort_by_key(|cause| std::cmp::Reverse(explained[cause]));
    }
}

/// Findings of the same kind with the same first cause as one, with all their tensors; the others as they are.
///
/// ```
/// use checkpoint::{CheckKind, TensorFinding, grouped_findings};
///
/// let finding = |name: &str| TensorFinding {
///     kind: CheckKind::WrongStd,
///     tensors: vec![name.to_owned()],
///     message: format!("std of {name}"),
///     p: 1e-20,
///     causes: vec!["fan_out in place of fan_in".to_owned()],
/// };
/// let grouped = grouped_findings(vec![finding("a"), finding("b")]);
/// assert_eq!(grouped.len(), 1);
/// assert_eq!(grouped[0].tensors, ["a", "b"]);
/// ```
pub fn grouped_findings(findings: Vec<TensorFinding>) -> Vec<TensorFinding> {
    let mut groups: Vec<TensorFinding> = vec![];
    for finding in findings {
        let same = |group: &TensorFinding| {
            let cause = !finding.causes.is_empty() && group.causes.first() == finding.causes.first();
            group.kind == finding.kind
                && finding.tensors.len() == 1
                && (cause || group.message == finding.message)
        };
        match groups.iter_mut().find(|group| same(group)) {
            Some(group) => {
                group.tensors.extend(finding.tensors);
                group.p = group.p.min(finding.p);
            }
            None => groups.push(finding),
        }
    }
    groups
}
