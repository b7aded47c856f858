//! The checks of one tensor, a file for each subject.

mod distribution;
mod equal_rows;
mod fixed;
mod lines;
mod moments;
mod orthogonal;
mod support;
mod values;
mod zeros;

pub(super) use distribution::shape_probabilities;
pub(super) use moments::{Sample, probabilities};

use super::CheckKind;
use super::judged_tensor::{JudgedTensor, MadeTest};
use crate::TensorSummary;

/// All tests of a tensor. What one fault explains is not tested for others.
pub(super) fn all(summary: &TensorSummary, subject: Option<&JudgedTensor>) -> Vec<MadeTest> {
    let mut tests: Vec<_> = values::not_finite(summary).into_iter().collect();
    let uninitialised = values::uninitialised(summary, subject);
    let certain = uninitialised.as_ref().is_some_and(|test| test.p == 0.0);
    tests.extend(uninitialised);
    let Some(subject) = subject.filter(|_| !certain && summary.finite() > 0) else { return tests };
    tests.extend(fixed::fixed(subject));
    tests.extend(zeros::padding(subject));
    tests.extend(zeros::zeros(subject));
    tests.extend(equal_rows::equal_rows(subject));
    if subject.count() < 1.0 {
        return tests;
    }
    tests.extend(lines::uneven(subject));
    tests.extend(support::out_of_bounds(subject));
    tests.extend(support::piled(subject));
    tests.extend(values::outlier(subject));
    tests.extend(moments::moments(subject));
    tests.extend(distribution::distribution(subject));
    tests.extend(orthogonal::orthogonal(subject));
    tests
}

/// True if a finding of the second kind says nothing beyond one of the first about the same tensor.
pub(super) fn explains(cause: CheckKind, kind: CheckKind) -> bool {
    use CheckKind::{
        EqualRows, OutOfBounds, Outlier, PiledOnBound, Uneven, Uninitialised, WrongDistribution, WrongMean,
        WrongStd,
    };
    let shape = matches!(kind, WrongDistribution | Outlier);
    match cause {
        Uninitialised => !matches!(kind, CheckKind::NotFinite | Uninitialised),
        EqualRows => matches!(kind, Uneven | WrongMean | WrongStd | PiledOnBound) || shape,
        Uneven => shape,
        OutOfBounds | PiledOnBound => kind == WrongDistribution,
        _ => false,
    }
}

/// A number with four significant digits.
pub(super) fn number(x: f64) -> String {
    if x == 0.0 || (1e-3..1e4).contains(&x.abs()) {
        let digits = if x == 0.0 { 0 } else { (3 - x.abs().log10().floor() as i32).max(0) as usize };
        let text = format!("{x:.digits$}");
        return if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        };
    }
    format!("{x:.3e}")
}

/// A factor: `1.41×`.
fn ratio(factor: f64) -> String {
    let off = (factor - 1.0).abs();
    if off < 0.1 {
        format!("{factor:.4}×")
    } else {
        format!("{}×", number((factor * 1000.0).round() / 1000.0))
    }
}
