//! The number of external crates that each of ours needs, compared with ARCHITECTURE.md, on Linux.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;

use super::{graph, output, root};

/// The number of external crates that are built for one of ours.
fn others(name: &str) -> usize {
    let tree =
        ["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let printed = output("CARGO", "cargo", &[&tree[..], &["--no-dedupe", "--package", name]].concat());
    // Ours have a path after their version.
    printed.lines().filter(|line| !line.contains("(/")).collect::<BTreeSet<_>>().len()
}

/// The first two columns of the table of a document that begins with `head`.
fn rows<'a>(document: &'a str, head: &str) -> Vec<(&'a str, &'a str)> {
    let (_, table) = document.split_once(head).unwrap();
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &'a str| -> Vec<&'a str> {
        line.split('|').map(|cell| cell.trim_matches([' ', '`'])).collect()
    };
    lines.map(cells).map(|cells| (cells[1], cells[2])).collect()
}

#[test]
fn dependencies_are_as_many_as_documented() {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = rows(&document, "| for | crates | for what |");
    let members: BTreeSet<&str> = rows.iter().map(|(name, _)| *name).collect();
    let graph = graph();
    let wanted: BTreeSet<&str> = graph.keys().map(String::as_str).filter(|name| *name != "tests").collect();
    assert_eq!(members, wanted);
    for (name, count) in rows {
        assert_eq!(count, others(name).to_string(), "{name}");
    }
    assert!(others("gaussian") < others("tensor"), "the count tells crates apart");
}
