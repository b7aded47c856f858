//! Each crate is built and run without the others, by `examples/standalone`, a project outside the workspace.
//!
//! Its builds go into the workspace's own target directory, and its feature `shared-build` gives the libraries
//! below the features that they have here, so that only our crates are compiled again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate, the crates of ours that it may bring along, and the last line that its example prints.
const CRATES: [(&str, &[&str], &str); 8] = [
    ("tensor", &[], "Tensor [2, 3] [2.0, 2.0, 0.0, 5.0, 4.0, 0.0]"),
    ("autograd", &["tensor"], "0.855341 -1.181568"),
    ("torch-rng", &[], "tensor([0.3367, 0.1288, 0.2345])"),
    ("mean-field", &["tensor"], "q* 1.178480, χ 1.2098: chaotic"),
    ("nn-init", &["tensor", "torch-rng", "mean-field"], "std 0.082, expected 0.082"),
    ("plot", &[], "600 by 360 pixels"),
    ("diagnostics", &["tensor", "mean-field"], "error[not-finite] w: 1 gradient is NaN or infinite."),
    (
        "specimen",
        &["tensor", "autograd", "torch-rng", "mean-field", "nn-init", "diagnostics"],
        "loss 2.18, a guess 2.08",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The output of cargo, run in the root so that its settings are the workspace's; or its complaint.
fn cargo(arguments: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let hint = if complaint.contains("offline") || complaint.contains("download") {
        "\nA crate is missing from cargo's cache. Once, with a network, run:\n    \
         cargo fetch --locked --manifest-path examples/standalone/Cargo.toml\n"
    } else {
        ""
    };
    Err(format!("cargo {}:\n{complaint}{hint}", arguments.join(" ")))
}

/// A cargo command on the project, with some of its features.
fn standalone(command: &str, features: &str, rest: &[&str]) -> Result<String, String> {
    let project = ["--manifest-path", "examples/standalone/Cargo.toml", "--locked", "--offline"];
    cargo(&[&[command], &project[..], &["--features", features], rest].concat())
}

fn run(features: &str, bin: &str) -> Result<String, String> {
    // The directory for temporary files of tests lies in the target directory.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_str().unwrap();
    standalone("run", features, &["--quiet", "--target-dir", target, "--bin", bin])
}

#[test]
fn every_crate_runs_alone() {
    for (name, _, expected) in CRATES {
        let printed = run(&format!("{name},shared-build"), name).unwrap_or_else(|error| panic!("{error}"));
        let last = printed.lines().last().unwrap_or_default();
        assert_eq!(last, expected, "{name} printed:\n{printed}");
    }
}

#[test]
fn an_example_without_its_crate_is_rejected() {
    let error = run("torch-rng", "nn-init").unwrap_err();
    assert!(error.contains("requires the features: `nn-init`"), "{error}");
}

/// The lines of `cargo tree` in this format, where `{p}` is a package's name and version and `{f}` its features.
fn tree(format: &str, pick: impl Fn(&[&str]) -> Result<String, String>) -> BTreeSet<String> {
    let printed = pick(&["--prefix", "none", "--format", format]).unwrap_or_else(|error| panic!("{error}"));
    let marks = [" (*)", " (proc-macro)"];
    printed
        .lines()
        .map(|line| marks.iter().fold(line.to_owned(), |line, mark| line.replace(mark, "")))
        .collect()
}

/// The packages that come with a crate.
fn company(name: &str) -> BTreeSet<String> {
    let tree = tree("{p}", |rest| standalone("tree", name, &[&["--edges", "normal"], rest].concat()));
    tree.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_crate_brings_only_what_it_needs() {
    for (name, along, _) in CRATES {
        let company = company(name);
        let ours = CRATES.map(|(name, ..)| name).into_iter().filter(|ours| company.contains(*ours));
        let wanted = CRATES.map(|(name, ..)| name).into_iter().filter(|c| *c == name || along.contains(c));
        assert_eq!(ours.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "with {name}");
        let random = company.iter().any(|other| other.starts_with("rand"));
        assert_eq!(random, ["nn-init", "specimen"].contains(&name), "{name} comes with {company:?}");
        assert_eq!(company.contains("plotters"), name == "plot", "{name} comes with {company:?}");
    }
}

/// Libraries whose features differ from the workspace's, and which would therefore be built again.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn built_again(workspace: &BTreeSet<String>, features: &str) -> Vec<String> {
    let with = tree(PACKAGE_AND_FEATURES, |rest| standalone("tree", features, rest));
    // Ours have a path after their version, and are built again in any case.
    with.difference(workspace).filter(|line| !line.contains(" (")).cloned().collect()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const PACKAGE_AND_FEATURES: &str = "{p} [{f}]";

/// Elsewhere the workspace's features differ, and the examples only take longer to build.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn no_library_is_built_again() {
    let all = ["tree", "--locked", "--offline", "--workspace", "--edges", "normal,build,dev"];
    let workspace = tree(PACKAGE_AND_FEATURES, |rest| cargo(&[&all, rest].concat()));
    for (name, ..) in CRATES {
        let again = built_again(&workspace, &format!("{name},shared-build"));
        assert!(again.is_empty(), "give `shared-build` the workspace's features of {again:?}, for {name}");
    }
    assert!(!built_again(&workspace, "tensor").is_empty(), "`shared-build` has become needless");
}

/// The lines of a manifest from `[profile.dev]` on, without comments and without packages that are not `locked`.
pub(super) fn profile(manifest: &str, locked: &BTreeSet<String>) -> Vec<String> {
    let built = |line: &str| {
        let package = line.split_once('.').map(|(name, _)| format!("{name} "));
        package
            .is_none_or(|name| name.starts_with('[') || locked.iter().any(|other| other.starts_with(&name)))
    };
    let from = manifest.find("\n[profile.dev]").unwrap();
    let said = |line: &&str| !line.is_empty() && !line.starts_with('#') && built(line);
    manifest[from..].lines().filter(said).map(str::to_owned).collect()
}

/// `name version` of every package of a lock file.
pub(super) fn locked(lock: &str) -> BTreeSet<String> {
    let packages = lock.split("[[package]]").skip(1);
    let field = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    packages.map(|package| format!("{} {}", field(package, "name"), field(package, "version"))).collect()
}

#[test]
fn versions_are_the_workspaces() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (ours, theirs) = (locked(&read("Cargo.lock")), locked(&read("examples/standalone/Cargo.lock")));
    assert!(theirs.len() > 30 && theirs.contains("faer 0.24.4"), "{theirs:?}");
    let other: Vec<_> =
        theirs.difference(&ours).filter(|package| !package.starts_with("standalone ")).collect();
    assert!(other.is_empty(), "copy Cargo.lock to examples/standalone and build it: {other:?}");
    let changed = locked(&read("Cargo.lock").replace("version = \"0.24.4\"", "version = \"0.24.3\""));
    assert!(theirs.difference(&changed).any(|package| package == "faer 0.24.4"));

    // It has no command line and no tests, and so no profiles for the libraries of those.
    let ours = profile(&read("Cargo.toml"), &theirs);
    assert_eq!(ours, profile(&read("examples/standalone/Cargo.toml"), &theirs));
}
