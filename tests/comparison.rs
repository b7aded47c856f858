//! `compare/`, a workspace of its own, builds what it shares with ours as we do: the same versions, the same profile.
//! Otherwise CI and first users would build every library twice, and the comparison would time other code.

use std::collections::BTreeMap;
use std::path::Path;

use crate::standalone::{locked, profile};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The part of a version that compatible ones share: `1` of 1.2.3, `0.4` of 0.4.7.
fn compatible(version: &str) -> &str {
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    version.match_indices('.').nth(parts - 1).map_or(version, |(end, _)| &version[..end])
}

/// Packages of one lock file that the other has in another, compatible version.
fn drifted(ours: &str, theirs: &str) -> Vec<String> {
    let ours = locked(ours);
    let key = |package: &str| {
        let (name, version) = package.split_once(' ').unwrap();
        (name.to_owned(), compatible(version).to_owned())
    };
    let ours: BTreeMap<_, _> = ours.iter().map(|package| (key(package), package)).collect();
    let other = |package: &String| ours.get(&key(package)).is_some_and(|ours| *ours != package);
    locked(theirs).into_iter().filter(other).collect()
}

#[test]
fn versions_are_the_workspaces() {
    let (ours, theirs) = (read("Cargo.lock"), read("compare/Cargo.lock"));
    let drifted_now = drifted(&ours, &theirs);
    let advice = "cargo update --manifest-path compare/Cargo.toml --precise VERSION PACKAGE";
    assert!(drifted_now.is_empty(), "another version than in Cargo.lock: {drifted_now:?}; {advice}");
    let moved =
        ours.replace("name = \"faer\"\nversion = \"0.24.4\"", "name = \"faer\"\nversion = \"0.24.9\"");
    assert_eq!(drifted(&moved, &theirs), ["faer 0.24.4"]);
    assert!(theirs.contains("name = \"candle-core\""), "the peers are in the same lock file");
}

#[test]
fn the_profile_is_the_workspaces() {
    let (ours, theirs) = (read("Cargo.toml"), read("compare/Cargo.toml"));
    let locked = locked(&read("compare/Cargo.lock"));
    let profile = |manifest: &str| profile(manifest, &locked);
    assert_eq!(profile(&ours), profile(&theirs), "copy [profile.dev] of Cargo.toml to compare/Cargo.toml");
    assert!(profile(&ours).len() > 10 && profile(&ours) != profile(&theirs.replace("opt-level = 3", "")));
}
