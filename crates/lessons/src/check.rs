//! `--check`: what is committed against what is computed.

use std::path::Path;

use cli::{
    Cell, Failure, Table,
    digits::{same_number, same_text},
    files, shown,
};

use crate::artifact::{Artifact, Output};

const REMAKE: &str = "restore it, or make it with `cargo xtask reproduce`";

/// Adds to `moved` a row for every cell of the committed CSV that differs.
///
/// A file that is missing, or is not a CSV of these columns, is a fault.
pub(crate) fn compare<L>(
    artifact: &Artifact<L>,
    output: &Output,
    directory: &Path,
    moved: &mut Table,
) -> Result<(), Failure> {
    for extension in output.extensions() {
        let path = directory.join(format!("{}.{extension}", artifact.id));
        let bytes = files::read(&path, REMAKE)?;
        if bytes.is_empty() {
            return Err(damaged(&path, "it is empty"));
        }
    }
    let path = directory.join(format!("{}.csv", artifact.id));
    let committed = records(&path, &output.table)?;
    let now = output.table.records();
    let mut report = |row: usize, column: &str, old: &str, new: &str| {
        let place =
            format!("{} {}", row + 1, now.get(row).or(committed.get(row)).map_or("", |cells| &cells[0]));
        moved.push([artifact.id, place.trim(), column, old, new].map(Cell::text).to_vec());
    };
    for row in 0..committed.len().max(now.len()) {
        match (committed.get(row), now.get(row)) {
            (Some(old), Some(new)) => {
                for ((old, new), key) in old.iter().zip(new).zip(output.table.keys()) {
                    if !same(old, new) {
                        report(row, key, old, new);
                    }
                }
            }
            (Some(_), None) => report(row, "whole row", "there", "gone"),
            _ => report(row, "whole row", "not there", "new"),
        }
    }
    Ok(())
}

/// The table of what moved, empty so far.
pub(crate) fn nothing_moved() -> Table {
    Table::new(&[
        ("artifact", "artifact"),
        ("row", "row"),
        ("column", "column"),
        ("committed", "committed"),
        ("now", "now"),
    ])
}

fn same(old: &str, new: &str) -> bool {
    match (old.parse::<f64>(), new.parse::<f64>()) {
        (Ok(old), Ok(new)) => same_number(old, new),
        _ => same_text(old, new),
    }
}

/// The rows of a committed CSV that has the columns of `table`, with numbers where that has numbers.
fn records(path: &Path, table: &Table) -> Result<Vec<Vec<String>>, Failure> {
    let (keys, numeric) = (table.keys(), table.numeric());
    let bytes = files::read(path, REMAKE)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|error| damaged(path, error))?;
    if header.iter().ne(keys.iter().copied()) {
        return Err(damaged(path, format!("its header is not {}", keys.join(","))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| damaged(path, error))?;
        let place = record.position().map_or(0, csv::Position::line);
        let cells = record.iter().zip(&keys).zip(&numeric);
        let mut wrong = cells.filter(|((cell, _), numeric)| **numeric && cell.parse::<f64>().is_err());
        if let Some(((cell, key), _)) = wrong.next() {
            return Err(damaged(path, format!("line {place}, column {key}: '{cell}' is not a number")));
        }
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{} is damaged: {why}; {REMAKE}", shown(path)))
}
