//! One meaning per type name: no two crates define a type of the same name, and no crate defines one twice.

use std::collections::BTreeMap;

use super::files;
use super::tokens::{outside_tests, tokens};

/// The names of the types that a source defines at its top level, tests left out. Associated types and types inside of
/// functions and modules have a scope of their own.
fn defined(source: &str) -> Vec<String> {
    let all = tokens(source);
    let code = outside_tests(&all);
    let (mut depth, mut names) = (0, Vec::<&str>::new());
    for (at, &token) in code.iter().enumerate() {
        match token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            "struct" | "enum" | "trait" | "type" | "union" if depth == 0 => {
                names.extend(code.get(at + 1).filter(|name| name.starts_with(char::is_uppercase)));
            }
            _ => {}
        }
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The names that several places define, each with its places.
fn ambiguous(sources: &[(String, String)]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, source) in sources {
        for name in defined(source) {
            places.entry(name).or_default().push(path);
        }
    }
    let several = places.into_iter().filter(|(_, places)| places.len() > 1);
    several.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect()
}

/// True if a file is part of a library or program of the project.
fn is_source(path: &str) -> bool {
    let tests =
        path.ends_with("/tests.rs") || ["/src/tests/", "/testing/"].iter().any(|at| path.contains(at));
    let ours = ["crates/", "xtask/", "compare/contest/", "compare/shared/"]
        .iter()
        .any(|folder| path.starts_with(folder));
    ours && path.contains("/src/") && path.ends_with(".rs") && !tests
}

#[test]
fn every_type_name_has_one_meaning() {
    let sources: Vec<_> = files().into_iter().filter(|(path, _)| is_source(path)).collect();
    assert!(sources.len() > 100, "only {} sources were found", sources.len());
    assert_eq!(ambiguous(&sources), Vec::<String>::new());
}

#[test]
fn a_name_with_two_meanings_is_rejected() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let law = source("a.rs", "pub enum Law { Normal }");
    let apart = source("b.rs", "impl T { type Law = u8; } fn f() { struct Law; } #[cfg(test)] struct Law;");
    assert_eq!(ambiguous(&[law.clone(), apart]), Vec::<String>::new());
    let again = source("b.rs", "/// A law.\n#[derive(Clone)]\nstruct Law<T>(T);");
    assert_eq!(ambiguous(&[law, again]), ["Law: a.rs, b.rs"]);
    let twice = source("a.rs", "struct A; type A = u8;");
    assert_eq!(ambiguous(&[twice]), ["A: a.rs, a.rs"]);
}
