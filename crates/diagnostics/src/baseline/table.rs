//! A comparison as text: an aligned table of the rows that moved, and notes.

use std::fmt;

use super::{Aspect, BaselineChange, BaselineComparison, ComparisonScale, SeedSample};
use crate::format::{fixed, scientific, signed, significant};

const HEADINGS: [&str; 7] = ["location", "statistic", "recorded", "now", "change", "errors", "p"];
/// The number of columns of words, which are aligned to the left.
const WORDS: usize = 2;

impl fmt::Display for BaselineComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moved: Vec<[String; 7]> = self.moved().map(cells).collect();
        let verb = if moved.is_empty() { "no more than" } else { "more than" };
        let (recorded, checked) = (seeds(&self.recorded), seeds(&self.checked));
        writeln!(
            f,
            "{} of {} comparisons moved, {verb} chance allows at a family-wise rate of {} \
             ({recorded} seeds recorded, {checked} checked)",
            moved.len(),
            self.rows.len(),
            self.alpha,
        )?;
        if !moved.is_empty() {
            write_table(f, &moved)?;
        }
        match self.unrecorded.as_slice() {
            [] => Ok(()),
            names => writeln!(f, "note: not in the baseline: {}; accept to add", names.join(", ")),
        }
    }
}

fn seeds(range: &std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

fn write_table(f: &mut fmt::Formatter<'_>, rows: &[[String; 7]]) -> fmt::Result {
    let headings = HEADINGS.map(str::to_owned);
    let lines: Vec<&[String; 7]> = [&headings].into_iter().chain(rows).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    for line in lines {
        let cells = line.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn cells(row: &BaselineChange) -> [String; 7] {
    let [recorded, now, change, errors] = match row.aspect {
        Aspect::Mean => [value(row, &row.recorded), value(row, &row.now), change(row), signed(row.errors, 1)],
        Aspect::NotFinite => counts(row, |sample| sample.not_finite),
        Aspect::Zeros => counts(row, |sample| sample.zeros),
    };
    let name = match row.aspect {
        Aspect::Mean => row.name.clone(),
        Aspect::NotFinite => format!("{}: not finite", row.name),
        Aspect::Zeros => format!("{}: zero", row.name),
    };
    [row.location.clone(), name, recorded, now, change, errors, scientific(row.p, 0)]
}

/// The mean and the spread, which at the logarithmic scale is a percentage of the mean.
fn value(row: &BaselineChange, sample: &SeedSample) -> String {
    let mean = significant(sample.mean, 4);
    match row.scale {
        ComparisonScale::Log => format!("{mean} ± {}%", significant(100.0 * sample.spread, 2)),
        ComparisonScale::Linear => format!("{mean} ± {}", significant(sample.spread, 2)),
    }
}

fn change(row: &BaselineChange) -> String {
    match row.scale {
        ComparisonScale::Log => format!("{}%", percent(100.0 * row.change())),
        ComparisonScale::Linear => {
            let text = significant(row.change(), 3);
            if row.change() > 0.0 { format!("+{text}") } else { text }
        }
    }
}

/// A percentage with a sign, and enough decimal places to show a small change.
fn percent(x: f64) -> String {
    if x.abs() < 0.1 { signed(x, 4) } else { signed(x, 1) }
}

fn counts(row: &BaselineChange, of: impl Fn(&SeedSample) -> u64) -> [String; 4] {
    let share = |sample: &SeedSample| of(sample) as f64 / sample.seeds() as f64;
    let text = |sample: &SeedSample| format!("{} of {}", of(sample), sample.seeds());
    let change = format!(
        "{}{}%",
        if share(&row.now) < share(&row.recorded) { "" } else { "+" },
        fixed(100.0 * (share(&row.now) - share(&row.recorded)), 0)
    );
    [text(&row.recorded), text(&row.now), change, "–".to_owned()]
}
