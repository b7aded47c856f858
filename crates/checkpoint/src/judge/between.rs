//! What tensors have in common: the same values, the same rows, ties.

use std::collections::HashMap;

use super::judged_tensor::{CLEAR, JudgedTensor};
use super::{CheckKind, CheckedTensor, TensorFinding};

/// Tensors that repeat each other, and tied ones that do not. `subjects` has the tensors that are judged, in their order.
pub(super) fn findings(
    tensors: &[CheckedTensor],
    subjects: &[Option<JudgedTensor>],
    tied: &[Vec<usize>],
) -> Vec<TensorFinding> {
    let random: Vec<usize> = (0..tensors.len())
        .filter(|&at| subjects[at].as_ref().is_some_and(|subject| subject.is_random() && is_unique(subject)))
        .collect();
    let same_tie = |a: usize, b: usize| tied.iter().any(|group| group.contains(&a) && group.contains(&b));
    let mut findings = tied_that_differ(tensors, tied);
    findings.extend(identical(tensors, &random, same_tie));
    findings.extend(sharing_rows(tensors, subjects, &random, same_tie));
    findings
}

/// True if another draw has other values for certain.
fn is_unique(subject: &JudgedTensor) -> bool {
    let drawn = subject.summary.count as f64 - subject.summary.zeros as f64;
    subject.precision.coincidence().powf(drawn) < CLEAR && subject.summary.min < subject.summary.max
}

fn names(tensors: &[CheckedTensor], places: &[usize]) -> Vec<String> {
    places.iter().map(|&at| tensors[at].name.to_owned()).collect()
}

/// Tied tensors whose values differ.
fn tied_that_differ(tensors: &[CheckedTensor], tied: &[Vec<usize>]) -> Vec<TensorFinding> {
    let differ = tied.iter().filter_map(|group| {
        let key =
            |at: usize| (&tensors[at].summary.shape, &tensors[at].summary.dtype, tensors[at].summary.hash);
        let (&first, rest) = group.split_first()?;
        let other = *rest.iter().find(|&&at| key(at) != key(first))?;
        let [a, b] = [first, other].map(|at| tensors[at].summary);
        let message = match a.shape == b.shape && a.dtype == b.dtype {
            true => "tied tensors have different values".to_owned(),
            false => format!("tied tensors are {:?} {} and {:?} {}", a.shape, a.dtype, b.shape, b.dtype),
        };
        Some(TensorFinding::certain(CheckKind::TiedDiffer, names(tensors, group), message))
    });
    differ.collect()
}

/// Groups of whole tensors with the same values.
fn identical(
    tensors: &[CheckedTensor],
    random: &[usize],
    same_tie: impl Fn(usize, usize) -> bool,
) -> Vec<TensorFinding> {
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut known = HashMap::new();
    for &at in random {
        let summary = tensors[at].summary;
        let group = *known.entry((&summary.shape, &summary.dtype, summary.hash)).or_insert_with(|| {
            groups.push(vec![]);
            groups.len() - 1
        });
        if !groups[group].iter().any(|&earlier| same_tie(earlier, at)) {
            groups[group].push(at);
        }
    }
    let repeated = groups.iter().filter(|group| group.len() > 1);
    let message = "the same values: drawn once and copied, or drawn from the same seed";
    repeated
        .map(|group| TensorFinding::certain(CheckKind::IdenticalTensors, names(tensors, group), message))
        .collect()
}

/// Pairs of tensors that share rows without being equal: a part of one was copied, or both were drawn from the same seed.
fn sharing_rows(
    tensors: &[CheckedTensor],
    subjects: &[Option<JudgedTensor>],
    random: &[usize],
    same_tie: impl Fn(usize, usize) -> bool,
) -> Vec<TensorFinding> {
    let mut owners = HashMap::new();
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for &at in random {
        let summary = tensors[at].summary;
        let columns = summary.shape.iter().skip(1).product::<usize>();
        for row in summary.rows.iter().flatten().filter(|row| row.squares != 0.0) {
            let owner = *owners.entry((columns, &summary.dtype, row.hash)).or_insert(at);
            if owner != at && tensors[owner].summary.hash != summary.hash && !same_tie(owner, at) {
                *shared.entry((owner, at)).or_default() += 1;
            }
        }
    }
    let rows = |at: usize| tensors[at].summary.shape[0] as f64;
    let mut pairs: Vec<_> = shared.into_iter().collect();
    pairs.sort_unstable();
    let certain = pairs.into_iter().filter(|&((a, b), _)| {
        let Some(precision) = subjects[a].as_ref().map(|subject| subject.precision) else { return false };
        let columns = tensors[a].summary.count as f64 / rows(a);
        rows(a) * rows(b) * precision.coincidence().powf(columns) < CLEAR
    });
    certain
        .map(|((a, b), count)| {
            let message =
                format!("{count} rows have the same values in both: copied, or drawn from the same seed");
            TensorFinding::certain(CheckKind::SharedRows, names(tensors, &[a, b]), message)
        })
        .collect()
}
