//! Front pages that are compared with what they describe: README's crates, ARCHITECTURE's files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The names of the entries of a folder.
fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    entries.map(|name| name.into_string().unwrap()).collect()
}

// ---- README: the crates ----

/// The crates that a README links as `[`name`](crates/name)`.
fn linked(readme: &str) -> BTreeSet<String> {
    let links = readme.split("](crates/").skip(1);
    links.filter_map(|rest| rest.split_once(')')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn the_readme_lists_every_crate() {
    let readme = read("README.md");
    assert_eq!(linked(&readme), entries(&root().join("crates")));
    let stale = readme.replacen("](crates/tensor)", "](crates/tensors)", 1);
    assert_ne!(linked(&stale), entries(&root().join("crates")), "a stale list is rejected");
}

#[test]
fn every_crate_has_a_readme() {
    for name in entries(&root().join("crates")) {
        let readme = read(&format!("crates/{name}/README.md"));
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}");
    }
}

// ---- ARCHITECTURE: the files ----

/// The sections of the code map with their folders: `### `crates/tensor`: …` up to the next heading.
fn sections(document: &str) -> Vec<(&str, &str)> {
    let map = document.split_once("## Code map").map_or("", |(_, map)| map);
    let map = map.split("\n## ").next().unwrap_or_default();
    let parts = map.split("\n### `").skip(1).filter_map(|part| part.split_once('`'));
    parts.filter(|(folder, _)| root().join(folder).join("src").is_dir()).collect()
}

/// The files and folders that a section names in its backticks, relative to `src`.
fn named(section: &str) -> BTreeSet<String> {
    let quoted = section.split('`').skip(1).step_by(2);
    let is_path = |text: &&str| text.ends_with(".rs") || text.ends_with('/');
    quoted.filter(is_path).map(|path| path.split('/').next().unwrap_or(path).to_owned()).collect()
}

/// The names of all files and folders below a folder.
fn below(folder: &Path) -> BTreeSet<String> {
    let mut all = entries(folder);
    for name in all.clone().into_iter().filter(|name| folder.join(name).is_dir()) {
        all.extend(below(&folder.join(name)));
    }
    all
}

/// The entries of `src` that a section does not name, and the names without a file below `src`.
fn differences(folder: &Path, section: &str) -> (Vec<String>, Vec<String>) {
    let optional = ["lib.rs", "main.rs", "tests.rs", "tests"];
    let (named, source) = (named(section), folder.join("src"));
    let needed = entries(&source).into_iter().filter(|name| !optional.contains(&name.as_str()));
    let missing = needed.filter(|name| !named.contains(name)).collect();
    let gone = named.difference(&below(&source)).cloned().collect();
    (missing, gone)
}

#[test]
fn the_map_names_every_file_and_no_other() {
    let document = read("ARCHITECTURE.md");
    let sections = sections(&document);
    let mapped: BTreeSet<String> = sections.iter().map(|(folder, _)| (*folder).to_owned()).collect();
    let crates = entries(&root().join("crates")).into_iter().map(|name| format!("crates/{name}"));
    assert_eq!(mapped, crates.chain(["xtask".to_owned()]).collect());
    for (folder, section) in sections {
        let differences = differences(&root().join(folder), section);
        assert_eq!(differences, (vec![], vec![]), "{folder}: files that are not named, names without a file");
    }
}

#[test]
fn a_stale_map_is_rejected() {
    let folder = root().join("crates/gaussian");
    let stale = "| `legendre.rs`, `bivariate.rs` | nodes; pairs |\n| `gone.rs` | |";
    let (missing, gone) = differences(&folder, stale);
    assert!(
        missing.contains(&"panels.rs".to_owned()) && !missing.contains(&"bivariate.rs".to_owned()),
        "{missing:?}"
    );
    assert_eq!(gone, ["gone.rs"]);
}

// ---- CONTRIBUTING: the paths ----

/// The paths from the root that a document names in backticks and that do not exist.
fn dead_paths(document: &str) -> Vec<String> {
    let quoted = document.split('`').skip(1).step_by(2);
    let folders = ["crates/", "xtask/", "compare/", "examples/", "docs/"];
    let paths = quoted.filter(|text| folders.iter().any(|folder| text.starts_with(folder)));
    let paths = paths.filter(|path| !path.contains([' ', '*', '<']) && !root().join(path).exists());
    paths.map(str::to_owned).collect()
}

#[test]
fn front_pages_name_only_paths_that_exist() {
    for page in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        assert_eq!(dead_paths(&read(page)), [""; 0], "{page}");
    }
    assert_eq!(
        dead_paths("`crates/tensor/src/shape.rs`, `crates/tensor/src/gone.rs`"),
        ["crates/tensor/src/gone.rs"]
    );
}
