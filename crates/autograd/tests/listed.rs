//! Lists of ops that are written by hand, compared with the methods of `Var`: the README, and the record of PyTorch.

use std::collections::BTreeSet;
use std::path::Path;

use crate::pytorch;

const README: &str = include_str!("../README.md");

/// The source files of a folder of this crate.
fn sources(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The public methods in the `impl` blocks of `Var` of a source.
fn methods(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut of_var = false;
    for line in source.lines() {
        if line.starts_with("impl") {
            of_var = line.contains("> Var<") && !line.contains(" for ");
        } else if of_var && let Some(name) = line.strip_prefix("    pub fn ") {
            found.extend(name.split(['(', '<']).next());
        }
    }
    found
}

fn all_methods(sources: &[String]) -> BTreeSet<&str> {
    sources.iter().flat_map(|source| methods(source)).collect()
}

/// The names in code font in the second column of the README's table.
fn in_table(readme: &str) -> BTreeSet<&str> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let code = rows.flat_map(|(_, methods)| methods.split('`').skip(1).step_by(2));
    code.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

/// The names that are only in the README's table or only among the methods.
fn differences<'a>(readme: &'a str, sources: &'a [String]) -> Vec<&'a str> {
    in_table(readme).symmetric_difference(&all_methods(sources)).copied().collect()
}

#[test]
fn the_readme_lists_every_method() {
    let sources = [sources("src"), sources("src/ops")].concat();
    assert_eq!(differences(README, &sources), [""; 0], "bring the table in the README up to date");
    assert_eq!(differences(&README.replace(", `ln`", ""), &sources), ["ln"], "a missing name is detected");
    assert_eq!(differences(&README.replace("`ln`", "`ln`, `log2`"), &sources), ["log2"], "an extra one too");
    let new = "impl<T: Real> Var<'_, T> {\n    pub fn log2(self) -> Self {".to_owned();
    assert_eq!(differences(README, &[sources, vec![new]].concat()), ["log2"], "and a new method");
}

/// Every op is recorded, so `pytorch.rs` compares it with PyTorch and `recorded.rs` checks its derivatives.
#[test]
fn every_op_is_recorded() {
    let sources = sources("src/ops");
    let recorded: BTreeSet<_> = pytorch::cases().map(|case| case.op[0]).collect();
    let operators = BTreeSet::from(["add", "sub", "mul", "div", "neg"]);
    // Without a gradient; `ops_values.rs` tests them.
    let plain = BTreeSet::from(["argmax_rows", "argmax_columns", "detach"]);
    let recorded: BTreeSet<_> = recorded.union(&plain).copied().collect();
    let missing: Vec<_> = all_methods(&sources).difference(&recorded).copied().collect();
    assert_eq!(missing, [""; 0], "add these ops to tests/reference/make.py and record again");
    let extra: BTreeSet<_> = recorded.difference(&all_methods(&sources)).copied().collect();
    assert_eq!(extra, operators);
}
