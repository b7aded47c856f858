//! The rows of the table: tensors of one rule whose names differ in numbers only.

use diagnostics::{TextTable, significant};

use super::CheckReport;
use crate::{Mention, TensorSummary};

/// Tensors that share a row.
pub(super) struct CheckRow {
    /// The name, with a range in place of numbers in which they differ.
    pub(super) name: String,
    /// The tensors, by their places in the report.
    pub(super) members: Vec<usize>,
}

impl CheckReport {
    /// Tensors by name and by what is expected of them, in the order of the file.
    pub(super) fn rows(&self) -> Vec<CheckRow> {
        let mut rows: Vec<(Vec<&str>, String, CheckRow)> = vec![];
        for (at, tensor) in self.tensors.iter().enumerate() {
            let stems: Vec<&str> = tensor.name.split('.').map(stem).collect();
            let key = self.expected_text(at) + &self.found(at);
            match rows.iter_mut().find(|(names, other, _)| *names == stems && *other == key) {
                Some((_, _, row)) => row.members.push(at),
                None => rows.push((stems, key, CheckRow { name: String::new(), members: vec![at] })),
            }
        }
        let named = |(_, _, mut row): (_, _, CheckRow)| {
            row.name = joined_name(row.members.iter().map(|&at| self.tensors[at].name.as_str()));
            row
        };
        rows.into_iter().map(named).collect()
    }

    /// The table of all tensors.
    pub(super) fn table(&self) -> TextTable {
        let rows = self.rows();
        let column = |heading: &str, cell: &dyn Fn(&CheckRow) -> String| {
            (heading.to_owned(), rows.iter().map(cell).collect::<Vec<String>>())
        };
        let range = |of: fn(&TensorSummary) -> f64| {
            move |row: &CheckRow| {
                range(row.members.iter().filter_map(|&at| Some(of(self.summaries[at].as_ref()?))))
            }
        };
        let columns = vec![
            column("tensor", &|row| row.name.clone()),
            column("", &|row| {
                if row.members.len() > 1 { format!("×{}", row.members.len()) } else { String::new() }
            }),
            column("shape", &|row| self.shape_text(row)),
            column("mean", &range(|summary| summary.moments.mean)),
            column("std", &range(|summary| summary.moments.std())),
            column("expected std", &|row| self.expected_std(row)),
            column("drawn from", &|row| {
                let at = row.members[0];
                let (expected, found) = (self.expected_text(at), self.found(at));
                if found.is_empty() { expected } else { format!("{expected}  ← {found}") }
            }),
        ];
        let bad: Vec<bool> = rows.iter().map(|row| !self.found(row.members[0]).is_empty()).collect();
        TextTable::of(columns, &bad)
    }

    fn shape_text(&self, row: &CheckRow) -> String {
        let text = |at: usize| {
            let shape = &self.tensors[at].shape;
            let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
            let size = if sizes.is_empty() { "scalar".to_owned() } else { sizes.join("×") };
            format!("{size} {}", self.tensors[at].dtype)
        };
        let first = text(row.members[0]);
        if row.members.iter().all(|&at| text(at) == first) { first } else { format!("{first}, …") }
    }

    /// The scheme that the rules state, or the reason why there is none.
    pub(super) fn expected_text(&self, at: usize) -> String {
        match &self.resolved.tensors[at] {
            Mention::Expected(expectation) => expectation.text.clone(),
            Mention::Ignored { reason } => format!("not judged: {reason}"),
            Mention::NotJudged => format!("not judged: values of type {}", self.tensors[at].dtype),
            Mention::Unfit { .. } | Mention::Unmentioned => "unknown".to_owned(),
        }
    }

    /// The kinds of the findings about a tensor.
    pub(super) fn found(&self, at: usize) -> String {
        let name = &self.tensors[at].name;
        let about = self.findings.iter().filter(|finding| finding.tensors.contains(name));
        about.map(|finding| finding.kind.name()).collect::<Vec<_>>().join(", ")
    }

    fn expected_std(&self, row: &CheckRow) -> String {
        let std = |at: usize| {
            let Mention::Expected(expectation) = &self.resolved.tensors[at] else { return vec![] };
            let of = |part: &crate::ExpectedPart| Some(part.moments(expectation.draw.layout).ok()?.std);
            expectation.draw.parts.iter().filter_map(of).collect()
        };
        range(row.members.iter().flat_map(|&at| std(at)))
    }
}

/// A part of a name without the digits at its end.
fn stem(part: &str) -> &str {
    part.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Names, those that differ in numbers only as one with their number: `h.{0…11}.ln_1.weight (×12)`.
pub(super) fn joined_names(names: &[String]) -> Vec<String> {
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = vec![];
    for name in names {
        let stems: Vec<&str> = name.split('.').map(stem).collect();
        match groups.iter_mut().find(|(other, _)| *other == stems) {
            Some((_, members)) => members.push(name),
            None => groups.push((stems, vec![name])),
        }
    }
    let joined = |(_, members): (_, Vec<&str>)| match &members[..] {
        [one] => (*one).to_owned(),
        all => format!("{} (×{})", joined_name(all.iter().copied()), all.len()),
    };
    groups.into_iter().map(joined).collect()
}

/// The name of tensors that differ in numbers only: `h.{0…11}.ln_1.weight`.
fn joined_name<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<Vec<&str>> = names.map(|name| name.split('.').collect()).collect();
    let part = |at: usize| {
        let stem = stem(names[0][at]);
        let numbers: Option<Vec<u64>> =
            names.iter().map(|name| name[at][stem.len()..].parse().ok()).collect();
        match numbers.map(|numbers| (numbers.iter().copied().min(), numbers.iter().copied().max())) {
            Some((Some(low), Some(high))) if low < high => format!("{stem}{{{low}…{high}}}"),
            _ => names[0][at].to_owned(),
        }
    };
    (0..names[0].len()).map(part).collect::<Vec<_>>().join(".")
}

/// One number, or the smallest and the largest.
pub(super) fn range(values: impl Iterator<Item = f64>) -> String {
    let text = |x: f64| if x.abs() < 1e-12 { "0".to_owned() } else { significant(x, 3) };
    let values: Vec<f64> = values.collect();
    let Some(&first) = values.first() else { return String::new() };
    let (low, high) = values.iter().fold((first, first), |(low, high), &x| (low.min(x), high.max(x)));
    let (low, high) = (text(low), text(high));
    if low == high { low } else { format!("{low}…{high}") }
}
