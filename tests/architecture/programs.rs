//! A crate's tests are one program, so a file that its `main.rs` does not name would never run.

use std::fs::read_dir;
use std::path::{Path, PathBuf};

use super::root;

/// The modules beside a `main.rs` that it does not declare.
fn undeclared(main: &str, beside: &[String]) -> Vec<String> {
    let declared = |name: &&String| main.lines().any(|line| line == format!("mod {name};"));
    beside.iter().filter(|name| !declared(name)).cloned().collect()
}

/// The names of the modules in a directory of tests, without `main.rs` and `lib.rs`.
fn modules(directory: &Path) -> Vec<String> {
    let entries = read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let module = |path: &PathBuf| {
        let stem = path.file_stem()?.to_str()?;
        let own = path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
        (own && !["main", "lib"].contains(&stem)).then(|| stem.to_owned())
    };
    entries.filter_map(|path| module(&path)).collect()
}

#[test]
fn every_file_of_tests_is_in_its_program() {
    let crates = read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path().join("tests"));
    let with_main = crates.chain([root().join("tests")]).filter(|tests| tests.join("main.rs").exists());
    let mut programs = 0;
    for tests in with_main {
        let main = std::fs::read_to_string(tests.join("main.rs")).unwrap();
        assert_eq!(undeclared(&main, &modules(&tests)), [""; 0], "{}", tests.display());
        programs += 1;
    }
    assert!(programs > 4, "{programs} programs");
    let beside = ["a", "b"].map(str::to_owned);
    assert_eq!(undeclared("mod a;\n", &beside), ["b"]);
}
