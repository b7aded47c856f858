//! Rows, heads, experts and blocks that repeat each other.

use std::collections::HashMap;

use super::super::CheckKind;
use super::super::judged_tensor::{CLEAR, JudgedTensor, MadeTest};

/// Equal rows of a tensor that was drawn at random. Rows of so few values that they may be equal by chance do not count, nor
/// do rows of zeros.
pub(in super::super) fn equal_rows(subject: &JudgedTensor) -> Option<MadeTest> {
    let rows = subject.summary.rows.as_ref().filter(|_| subject.is_random())?;
    let drawn: Vec<(usize, u64)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.squares != 0.0)
        .map(|(at, row)| (at, row.hash))
        .collect();
    let mut first = HashMap::new();
    let mut pairs = drawn.iter().filter_map(|&(at, hash)| {
        let earlier = *first.entry(hash).or_insert(at);
        (earlier != at).then_some((earlier, at))
    });
    let (a, b) = pairs.next()?;
    let repeated = 1 + pairs.count();
    let total = drawn.len() as f64;
    let p = (total * total / 2.0 * subject.precision.coincidence().powf(subject.columns())).min(1.0);
    if p > CLEAR {
        return None;
    }
    let hashes: Vec<u64> = rows.iter().map(|row| row.hash).collect();
    let message = match period(&hashes) {
        Some(1) => format!("all {} rows are equal", rows.len()),
        Some(period) => format!(
            "the first {period} rows are repeated {} times: heads, experts or blocks with the same values",
            rows.len() / period
        ),
        None => {
            format!("rows {a} and {b} are equal; {repeated} of {} rows repeat an earlier one", rows.len())
        }
    };
    Some(MadeTest::certain(CheckKind::EqualRows, message))
}

/// The smallest number of rows of which all others are copies.
fn period(hashes: &[u64]) -> Option<usize> {
    let n = hashes.len();
    (1..=n / 2).filter(|k| n.is_multiple_of(*k)).find(|&k| hashes[k..] == hashes[..n - k])
}
