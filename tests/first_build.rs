//! A newcomer's two commands share every library that they build.

use std::collections::BTreeSet;
use std::process::Command;

/// Every package that is built by these options of `cargo tree`, with its features.
fn built(options: &[&str]) -> BTreeSet<String> {
    let fixed = ["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p} {f}"];
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = Command::new(program).args(fixed).args(options).output().expect("cargo runs");
    let error = String::from_utf8_lossy(&cargo.stderr);
    assert!(cargo.status.success(), "{error}");
    let text = String::from_utf8(cargo.stdout).expect("names are text");
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// With one feature more or less a library and all above it, faer among them, are built again.
#[test]
fn no_library_is_built_twice() {
    let tests = built(&["--workspace", "--edges", "normal,build,dev"]);
    let reproduce = built(&["--package", "xtask", "--edges", "normal,build"]);
    assert!(reproduce.len() > 100, "{} packages", reproduce.len());
    let again: Vec<_> = reproduce.difference(&tests).collect();
    assert!(
        again.is_empty(),
        "built for `cargo xtask`, and again with other features for the tests: {again:#?}"
    );
    // Alone, tensor has no threads.
    assert!(built(&["--package", "tensor", "--edges", "normal,build"]).difference(&tests).count() > 0);
}
