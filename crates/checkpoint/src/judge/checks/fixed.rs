//! Tensors without a random number: constants, identities, Dirac kernels.

use nn_init::Scheme;

use super::super::CheckKind;
use super::super::judged_tensor::{JudgedTensor, MadeTest};
use super::number;
use crate::Dtype;

/// Tests a tensor that has one fixed value everywhere, or at some indices and 0 at the others.
pub(in super::super) fn fixed(subject: &JudgedTensor) -> Option<MadeTest> {
    let [part] = &subject.expected.parts[..] else { return constants(subject) };
    match part.scheme {
        Scheme::Identity { gain } | Scheme::Dirac { gain, .. } => pattern(subject, gain.value()),
        _ => constants(subject),
    }
}

/// Equal values everywhere, or in each part.
fn constants(subject: &JudgedTensor) -> Option<MadeTest> {
    let value = |scheme: Scheme| match scheme {
        Scheme::Constant(value) => Some(value),
        Scheme::Normal { mean, std: 0.0 } => Some(mean),
        Scheme::Uniform { lo, hi } if lo == hi => Some(lo),
        _ => None,
    };
    let values: Vec<f64> = subject.expected.parts.iter().filter_map(|part| value(part.scheme)).collect();
    let [first, ..] = values[..] else { return None };
    if values.len() < subject.expected.parts.len() || values.iter().any(|&other| other != first) {
        return None;
    }
    let (summary, wanted) = (subject.summary, stored(subject, first));
    // Rows of padding are zero all the same.
    let zeros = subject.left_out > 0.0 && summary.zeros as f64 == subject.left_out;
    let range = if zeros { [wanted.min(0.0), wanted.max(0.0)] } else { [wanted; 2] };
    if summary.finite() == 0 || [summary.min, summary.max] == range {
        return None;
    }
    let message = if summary.min == summary.max {
        format!("all values are {}; expected {}", number(summary.min), number(first))
    } else {
        let (mean, std) = (summary.moments.mean, summary.moments.std());
        let range = format!("[{}, {}]", number(summary.min), number(summary.max));
        format!(
            "values are in {range}, mean {}, std {}; expected {} everywhere",
            number(mean),
            number(std),
            number(first)
        )
    };
    Some(MadeTest::certain(CheckKind::WrongConstant, message))
}

/// One value at some indices, as many as the scheme has, and 0 elsewhere; in matrices one in each row and column.
fn pattern(subject: &JudgedTensor, gain: f64) -> Option<MadeTest> {
    let (summary, part) = (subject.summary, &subject.expected.parts[0]);
    let moments = part.scheme.moments(&part.shape, subject.expected.layout).ok()?;
    let expected = (moments.mean / gain * summary.count as f64).round();
    let wanted = stored(subject, gain);
    let (end, at_end) =
        if gain > 0.0 { (summary.max, summary.at_max) } else { (summary.min, summary.at_min) };
    let rest = summary.zeros as f64 + expected == summary.count as f64;
    let diagonal = |sums: &mut dyn Iterator<Item = f64>| {
        sums.enumerate().all(|(at, sum)| sum == if (at as f64) < expected { wanted } else { 0.0 })
    };
    let lines = !matches!(part.scheme, Scheme::Identity { .. })
        || diagonal(&mut summary.rows.iter().flatten().map(|row| row.sum))
            && diagonal(&mut summary.columns.iter().flatten().map(|column| column.sum));
    if gain == 0.0 || end == wanted && at_end as f64 == expected && rest && lines {
        return None;
    }
    let message = format!(
        "{at_end} values are {} and {} are zero; expected {expected} of {} in the pattern of {}",
        number(end),
        summary.zeros,
        number(gain),
        part.scheme
    );
    Some(MadeTest::certain(CheckKind::WrongPattern, message))
}

/// A number as the tensor's type holds it. Doubles may have been singles before.
fn stored(subject: &JudgedTensor, x: f64) -> f64 {
    let single = f64::from(x as f32);
    let has = |x: f64| [subject.summary.min, subject.summary.max].contains(&x);
    let widened = subject.summary.dtype == Dtype::F64 && has(single);
    if widened { single } else { subject.precision.nearest(x) }
}
