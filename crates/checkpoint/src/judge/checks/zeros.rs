//! Zeros: padding that has none, rows and columns of nothing else, too many, too few.

use super::super::CheckKind;
use super::super::judged_tensor::{CLEAR, JudgedTensor, MadeTest};

/// Rows that must be zero and are not.
pub(in super::super) fn padding(subject: &JudgedTensor) -> Option<MadeTest> {
    let rows = subject.summary.rows.as_ref()?;
    let wrong = subject
        .expected
        .zero_rows
        .iter()
        .copied()
        .filter(|&row| rows.get(row).is_some_and(|r| r.squares != 0.0));
    let wrong: Vec<usize> = wrong.collect();
    let message = || format!("{} expected to be zero, and not", ranges("row", &wrong));
    (!wrong.is_empty()).then(|| MadeTest::certain(CheckKind::PaddingNotZero, message()))
}

/// Rows and columns of zeros, and more or fewer zeros than expected.
pub(in super::super) fn zeros(subject: &JudgedTensor) -> Option<MadeTest> {
    let summary = subject.summary;
    let padding = subject.expected.zero_rows.len() as f64 * subject.columns();
    if subject.expected_zeros > padding && summary.zeros as f64 + padding < subject.expected_zeros {
        let message = format!("{} values are zero; expected {}", summary.zeros, subject.expected_zeros);
        return Some(MadeTest::certain(CheckKind::Zeros, message));
    }
    if !subject.zeros_found {
        return None;
    }
    let rows = zero_lines(summary.rows.iter().flatten().map(|row| row.squares), &subject.expected.zero_rows);
    let columns = zero_lines(summary.columns.iter().flatten().map(|column| column.squares), &[]);
    let found = [
        ("row", &rows, subject.columns()),
        ("column", &columns, summary.shape.first().map_or(0.0, |&n| n as f64)),
    ];
    // A line of few values may be zero by chance.
    let certain = |length: f64, lines: f64| lines * subject.p_of_zero().powf(length) < CLEAR;
    let all = rows.len() == summary.shape.first().copied().unwrap_or(0) && !rows.is_empty()
        || summary.zeros == summary.count;
    if all {
        return Some(MadeTest::certain(CheckKind::ZeroBlock, "all values are zero"));
    }
    for (name, lines, length) in found {
        if !lines.is_empty() && certain(length, summary.count as f64 / length) {
            let message = format!("{} zero", ranges(name, lines));
            return Some(MadeTest::certain(CheckKind::ZeroBlock, message));
        }
    }
    let percent = 100.0 * summary.zeros as f64 / summary.count as f64;
    let message = format!("{} of {} values are zero ({percent:.2}%)", summary.zeros, summary.count);
    Some(MadeTest::certain(CheckKind::Zeros, message))
}

/// The lines whose squares add up to zero, but for the expected ones.
fn zero_lines(squares: impl Iterator<Item = f64>, expected: &[usize]) -> Vec<usize> {
    let zero = squares.enumerate().filter(|(_, squares)| *squares == 0.0).map(|(at, _)| at);
    zero.filter(|at| !expected.contains(at)).collect()
}

/// "row 3 is", "rows 256 to 511 are", "rows 1, 5, 9 and 37 others are".
pub(in super::super) fn ranges(name: &str, lines: &[usize]) -> String {
    match *lines {
        [one] => format!("{name} {one} is"),
        [first, .., last] if last - first + 1 == lines.len() => format!("{name}s {first} to {last} are"),
        [a, b, c, _, ..] => format!("{name}s {a}, {b}, {c} and {} others are", lines.len() - 3),
        _ => format!("{name}s {} are", lines.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}
