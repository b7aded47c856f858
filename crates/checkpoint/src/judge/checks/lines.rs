//! Rows, columns and blocks that have different means or standard deviations.

use super::super::CheckKind;
use super::super::judged_tensor::{CLEAR, JudgedTensor, MadeTest};
use super::super::population::Population;
use super::values::{farthest, outlier};
use super::{number, zeros::ranges};
use crate::TensorSummary;

/// The numbers of equal blocks that are tried along each axis: halves, stacked queries, keys and values, heads, experts.
const BLOCKS: [usize; 9] = [2, 3, 4, 6, 8, 12, 16, 24, 32];

/// The sums of some lines of equal length, and the number of their values.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Totals {
    fn add(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    fn std(self) -> f64 {
        (self.squares / self.count - self.mean().powi(2)).max(0.0).sqrt()
    }
}

/// Tests that all lines and blocks have the tensor's own mean and standard deviation.
pub(in super::super) fn uneven(subject: &JudgedTensor) -> Vec<MadeTest> {
    let Some(population) = subject.population else { return vec![] };
    let scattered = subject.zeros_found || subject.expected_zeros > subject.zeros_in_rows();
    if scattered
        || subject.summary.nan + subject.summary.positive_infinite + subject.summary.negative_infinite > 0
    {
        return vec![];
    }
    // One far value is an outlier, and not an uneven line; it is taken out of whatever line it may be in.
    let extreme = match outlier(subject) {
        Some(test) if test.p < CLEAR => farthest(subject),
        _ => 0.0,
    };
    let mut tests = vec![];
    for (name, axis, lines) in [("row", 0, rows(subject.summary)), ("column", 1, columns(subject))] {
        let Some(lines) = lines else { continue };
        tests.extend(test_of_lines(population, name, &lines, extreme));
        tests.extend(test_of_blocks(subject, population, axis, &lines, extreme));
    }
    tests
}

fn rows(summary: &TensorSummary) -> Option<Vec<Totals>> {
    let count = summary.count as f64 / summary.shape.first().copied()? as f64;
    let totals = summary.rows.as_ref()?.iter();
    Some(totals.map(|row| Totals { count, sum: row.sum, squares: row.squares }).collect())
}

fn columns(subject: &JudgedTensor) -> Option<Vec<Totals>> {
    let count = subject.summary.shape.first()?.saturating_sub(subject.expected.zero_rows.len()) as f64;
    let totals = subject.summary.columns.as_ref()?.iter();
    Some(totals.map(|column| Totals { count, sum: column.sum, squares: column.squares }).collect())
}

/// The most deviating of some lines or blocks: at most the probability that one of them deviates so, with its index.
fn most_deviating(population: Population, lines: &[Totals], extreme: f64) -> Option<(f64, usize)> {
    // Lines of zeros are padding, or found by themselves.
    let drawn = || lines.iter().enumerate().filter(|(_, line)| line.squares > 0.0);
    let all = drawn().fold(Totals::default(), |all, (_, line)| all.add(*line));
    let (mean, far) = (all.mean(), extreme * extreme);
    let std = (all.std().powi(2) - far / all.count).max(0.0).sqrt();
    if drawn().count() < 2 || std <= 0.0 || !std.is_finite() {
        return None;
    }
    let squares = |line: &Totals| line.squares - 2.0 * mean * line.sum + line.count * mean * mean;
    let shift = |line: &Totals| (line.mean() - mean).abs();
    let most = |key: &dyn Fn(&Totals) -> f64| drawn().max_by(|a, b| key(a.1).total_cmp(&key(b.1)));
    let of_square = |line: &Totals, squares: f64| {
        population.p_of_mean_square(line.count, squares.max(0.0) / (line.count * std * std))
    };
    let of_shift = |line: &Totals, shift: f64| population.p_of_mean(line.count, shift.max(0.0) / std);
    let found = [
        most(&squares)
            .map(|(at, line)| (of_square(line, (squares(line) - far).max(line.count * std * std)), at)),
        most(&|line| -squares(line)).map(|(at, line)| (of_square(line, squares(line)), at)),
        most(&shift).map(|(at, line)| (of_shift(line, shift(line) - extreme / line.count), at)),
    ];
    let (p, at) = found.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0))?;
    // Each bound is two-sided, and there are two kinds of them.
    Some(((2.0 * drawn().count() as f64 * p).min(1.0), at))
}

fn test_of_lines(population: Population, name: &str, lines: &[Totals], extreme: f64) -> Option<MadeTest> {
    let (p, at) = most_deviating(population, lines, extreme)?;
    let message = message(&format!("{name} {at}"), lines, at..at + 1);
    Some(MadeTest::new(CheckKind::Uneven, p, message))
}

/// One test of all divisions into equal blocks, and of the declared one.
fn test_of_blocks(
    subject: &JudgedTensor,
    population: Population,
    axis: usize,
    lines: &[Totals],
    extreme: f64,
) -> Option<MadeTest> {
    let size = subject.summary.shape[axis];
    let per_index = lines.len() / size;
    let declared = (subject.expected.axis == axis).then_some(subject.expected.parts.len());
    let divisions: Vec<usize> =
        BLOCKS.into_iter().chain(declared).filter(|&k| k > 1 && k < size && size.is_multiple_of(k)).collect();
    let tested = divisions.iter().filter_map(|&blocks| {
        let length = size / blocks * per_index;
        let totals: Vec<Totals> = lines
            .chunks(length)
            .map(|block| block.iter().fold(Totals::default(), |a, b| a.add(*b)))
            .collect();
        let (p, at) = most_deviating(population, &totals, extreme)?;
        Some((p, at * length..(at + 1) * length))
    });
    let (p, range) = tested.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let indices: Vec<usize> = (range.start / per_index..range.end / per_index).collect();
    let name = if axis == 0 {
        "row"
    } else if per_index == 1 {
        "column"
    } else {
        "input"
    };
    let place = ranges(name, &indices);
    let place = place.trim_end_matches(" are").trim_end_matches(" is");
    Some(MadeTest::new(
        CheckKind::Uneven,
        (p * divisions.len() as f64).min(1.0),
        message(place, lines, range),
    ))
}

/// The moments of a block beside those of the others.
fn message(place: &str, lines: &[Totals], range: std::ops::Range<usize>) -> String {
    let of = |lines: &[Totals]| lines.iter().fold(Totals::default(), |a, b| a.add(*b));
    let (own, before, after) =
        (of(&lines[range.clone()]), of(&lines[..range.start]), of(&lines[range.end..]));
    let others = before.add(after);
    format!(
        "{place}: mean {} and std {}; elsewhere {} and {}",
        number(own.mean()),
        number(own.std()),
        number(others.mean()),
        number(others.std())
    )
}
