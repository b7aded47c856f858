//! Orthogonal matrices, by random projections.

use nn_init::{Layout, Scheme};

use super::super::CheckKind;
use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::{number, ratio};

/// Tests the size of an orthogonal matrix, which is exact, and its projections.
///
/// `‖Wᵀr‖²` of a matrix with orthogonal rows of equal length is `‖W‖²` for every vector r of signs, and of a random matrix with
/// C columns it differs by about `√(2/C)` of it.
pub(in super::super) fn orthogonal(subject: &JudgedTensor) -> Vec<MadeTest> {
    let [part] = &subject.expected.parts[..] else { return vec![] };
    let (Scheme::Orthogonal { .. } | Scheme::DeltaOrthogonal { .. }) = part.scheme else { return vec![] };
    let Ok(moments) = part.scheme.moments(&part.shape, subject.expected.layout) else { return vec![] };
    let summary = subject.summary;
    let count = summary.finite() as f64;
    let total = summary.moments.squares + count * summary.moments.mean.powi(2);
    let measured = (total / count).sqrt();
    let tolerance = 4.0 * subject.precision.grid().max(5e-6);
    let mut tests = vec![];
    if (measured / moments.std - 1.0).abs() > tolerance {
        let factor = ratio(measured / moments.std);
        let message =
            format!("std is {}; expected {}, exactly ({factor})", number(measured), number(moments.std));
        tests.push(MadeTest::certain(CheckKind::WrongStd, message));
    }
    if !is_matrix(subject.expected.layout, &summary.shape)
        || !matches!(part.scheme, Scheme::Orthogonal { .. })
    {
        return tests;
    }
    let wide = subject.columns() >= summary.shape[0] as f64;
    let deviation = |projected: f64| (projected / total - 1.0).abs();
    let projections =
        summary.projections.iter().map(|p| deviation(if wide { p.of_columns } else { p.of_rows }));
    let worst = projections.fold(0.0, f64::max);
    if worst > tolerance {
        let lines = if wide { "rows" } else { "columns" };
        let message = format!(
            "{lines} are not orthogonal: a random combination has {:.3}% more or less than its length",
            100.0 * worst
        );
        tests.push(MadeTest::certain(CheckKind::NotOrthogonal, message));
    }
    tests
}

/// True if the rows of the summary are the rows or the columns of the matrix that is orthogonal.
fn is_matrix(layout: Layout, shape: &[usize]) -> bool {
    layout == Layout::OUT_IN && shape.len() > 1 || shape.len() == 2
}
