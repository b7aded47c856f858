//! The libraries below the comparison have the features that the root's workspace gives them, and so are not built again
//! in the target directory that both share.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// `name version [features]` of each package, as `cargo tree` prints it with these arguments in a folder.
fn tree(folder: &str, arguments: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--locked", "--prefix", "none", "--format", "{p} [{f}]"]).args(arguments);
    let output = cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let marks = [" (*)", " (proc-macro)"];
    let unmarked = |line: &str| marks.iter().fold(line.to_owned(), |line, mark| line.replace(mark, ""));
    String::from_utf8(output.stdout).unwrap().lines().map(unmarked).collect()
}

/// Libraries of the second set that the first does not have with these features; ours have a path after their version,
/// and are built again in any case.
fn built_again(first: &BTreeSet<String>, second: &BTreeSet<String>) -> Vec<String> {
    second.difference(first).filter(|line| !line.contains(" (")).cloned().collect()
}

#[test]
fn no_library_is_built_again() {
    let all = tree("../..", &["--workspace", "--edges", "normal,build,dev"]);
    let tests = tree("..", &["--package", "compare", "--edges", "normal,build,dev"]);
    assert_eq!(built_again(&all, &tests), Vec::<String>::new(), "after `cargo test --workspace`");
    let xtask = tree("../..", &["--package", "xtask", "--edges", "normal,build"]);
    let compare = tree("..", &["--package", "compare", "--edges", "normal,build"]);
    assert_eq!(built_again(&xtask, &compare), Vec::<String>::new(), "after `cargo xtask reproduce`");
    let tensor = tree("../..", &["--package", "tensor", "--edges", "normal,build"]);
    assert!(!built_again(&tensor, &compare).is_empty(), "tensor alone has fewer libraries");
}
