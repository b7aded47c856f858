//! The one-line test, in a process with an environment of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use diagnostics::baseline::{GuardSettings, Statistic, VARIABLE, guard, guard_with};

/// The statistics that [`child`] measures.
fn statistics(seed: u64, fault: &str) -> Vec<Statistic> {
    let noise = (seed as f64 * 0.618_033_988_75).fract();
    let factor = if fault == "moved" { 1.1 } else { 1.0 };
    let mut all = vec![
        Statistic::log("W1", "std", factor * (1.0 + 0.1 * noise)),
        Statistic::linear("Layer 1", "mean", noise),
    ];
    if fault == "new" {
        all.push(Statistic::linear("Layer 2", "mean", noise));
    }
    if fault == "missing" {
        all.pop();
    }
    if fault == "twice" {
        all.push(Statistic::linear("Layer 1", "mean", noise));
    }
    all
}

/// The other tests run it as a process; by itself it has no path and does nothing.
#[test]
fn child() {
    let [path, fault] =
        ["BASELINE_PATH", "BASELINE_FAULT"].map(|name| std::env::var(name).unwrap_or_default());
    match fault.as_str() {
        _ if path.is_empty() => {}
        "more seeds" => {
            let settings = GuardSettings { recorded: 80, checked: 40, ..GuardSettings::default() };
            guard_with(path, settings, |seed| statistics(seed, ""));
        }
        fault => guard(path, |seed| statistics(seed, fault)),
    }
}

fn command(path: &Path, fault: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "baseline::guard::child", "--nocapture"]).env_remove("CI").env_remove(VARIABLE);
    command.env("BASELINE_PATH", path).env("BASELINE_FAULT", fault).envs(environment.iter().copied());
    command
}

/// True if the test passed, and its text on standard error.
fn run(path: &Path, fault: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let Output { status, stderr, .. } = command(path, fault, environment).output().unwrap();
    (status.success(), String::from_utf8(stderr).unwrap())
}

const ACCEPT: [(&str, &str); 1] = [(VARIABLE, "accept")];
const HINT: &str = "STEP_ZERO_BASELINE=accept cargo test";

/// A directory, and a baseline accepted into new directories below it.
fn accepted() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made/here/mlp.json");
    let (passed, said) = run(&path, "", &ACCEPT);
    assert!(passed && said.contains("recorded anew; there was no baseline"), "{said}");
    (directory, path)
}

#[test]
fn a_baseline_is_recorded_checked_and_renewed() {
    let (_directory, path) = accepted();
    let first = fs::read_to_string(&path).unwrap();
    assert!(first.contains("\"seeds\": [0, 64]"), "{first}");
    assert!(run(&path, "", &[]).0);

    let (passed, said) = run(&path, "moved", &[]);
    assert!(!passed && said.contains("1 of 2 comparisons moved") && said.contains("+10."), "{said}");
    assert!(said.contains(&format!("If this change is intended, run {HINT}")), "{said}");
    // The panic is at the caller's line.
    assert!(said.contains(concat!("panicked at ", "crates/diagnostics/tests/baseline/guard.rs")), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);

    let (passed, said) = run(&path, "moved", &ACCEPT);
    assert!(passed && said.contains("recorded anew; 1 of 2 comparisons moved"), "{said}");
    assert_ne!(fs::read_to_string(&path).unwrap(), first);
    assert!(run(&path, "moved", &[]).0 && !run(&path, "", &[]).0);
}

#[test]
fn a_baseline_from_which_nothing_moved_is_not_written() {
    let (_directory, path) = accepted();
    // The same baseline in another layout.
    let text = fs::read_to_string(&path).unwrap().replace(", ", " , ");
    fs::write(&path, &text).unwrap();
    let (passed, said) = run(&path, "", &ACCEPT);
    assert!(passed && !said.contains("recorded"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // Other seeds are recorded, though.
    assert!(run(&path, "more seeds", &[]).0 && run(&path, "more seeds", &ACCEPT).0);
    assert!(fs::read_to_string(&path).unwrap().contains("\"seeds\": [0, 80]"));
}

#[test]
fn a_new_statistic_passes_with_a_note_until_it_is_accepted() {
    let (_directory, path) = accepted();
    let first = fs::read_to_string(&path).unwrap();
    let (passed, said) = run(&path, "new", &[]);
    let note = format!("not in the baseline: Layer 2 mean (linear); to add, run {HINT}");
    assert!(passed && said.contains(&note), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);

    let (passed, said) = run(&path, "new", &ACCEPT);
    assert!(passed && said.contains("recorded anew; 0 of 2 comparisons moved"), "{said}");
    let second = fs::read_to_string(&path).unwrap();
    // The lines that were recorded before do not change.
    let lines = |text: &str| text.lines().filter(|line| line.contains("\"name\"")).count();
    assert_eq!((lines(&first), lines(&second)), (2, 3));
    assert!(second.contains(first.lines().nth(4).unwrap().trim_end_matches(',')), "{second}");
    let (passed, said) = run(&path, "new", &[]);
    assert!(passed && !said.contains("not in the baseline"), "{said}");
    // Without it, one that is recorded is missing.
    assert!(!run(&path, "", &[]).0);
}

#[test]
fn each_reason_for_a_failure_is_one_line() {
    let (directory, path) = accepted();
    let good = fs::read_to_string(&path).unwrap();
    let fails = |path: &Path, fault: &str, environment: &[(&str, &str)], why: &str| {
        let (passed, said) = run(path, fault, environment);
        let line =
            said.lines().find(|line| line.contains(why)).unwrap_or_else(|| panic!("no {why} in {said}"));
        assert!(!passed && line.starts_with(&path.display().to_string()), "{said}");
        line.to_owned()
    };
    let missing = directory.path().join("missing.json");
    assert!(fails(&missing, "", &[], "there is no baseline").contains(HINT));
    assert!(
        fails(&path, "missing", &[], "recorded in the baseline but not measured: Layer 1 mean (linear)")
            .contains(HINT)
    );
    assert!(!fails(&path, "twice", &[], "it has Layer 1 mean twice").contains(HINT));
    fails(&path, "twice", &ACCEPT, "it has Layer 1 mean twice");
    fails(&path, "", &[(VARIABLE, "always")], "STEP_ZERO_BASELINE is 'always'");
    fails(&path, "moved", &[(VARIABLE, "accept"), ("CI", "true")], "no baseline is accepted if CI is set");
    fails(directory.path(), "", &[], "cannot read the baseline");
    fails(directory.path(), "", &ACCEPT, "cannot read the baseline");
    assert_eq!(fs::read_to_string(&path).unwrap(), good);

    for (text, why) in [
        (good.replace("\"format\": 1", "\"format\": 7"), "has format 7; this version reads format 1"),
        (good.replace("\"mean\": ", "\"mean\": N"), "is damaged: expected value at line 5"),
        (good.replace("[0, 64]", "[1073741824, 1073741888]"), "a guard never records the seeds"),
        (String::new(), "is damaged: EOF"),
    ] {
        fs::write(&path, &text).unwrap();
        assert!(fails(&path, "", &[], why).contains(HINT));
        assert!(run(&path, "", &ACCEPT).0 && run(&path, "", &[]).0, "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), good);
    }
    fs::write(&path, b"\xff").unwrap();
    fails(&path, "", &[], "cannot read the baseline: stream did not contain valid UTF-8");
}

/// A file stands where a directory is needed, and stays.
#[test]
fn a_failed_write_leaves_everything_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "x").unwrap();
    let (passed, said) = run(&directory.path().join("file/mlp.json"), "", &ACCEPT);
    assert!(!passed && said.contains("the baseline: "), "{said}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

fn quiet(path: &Path) -> Command {
    let mut command = command(path, "", &ACCEPT);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn concurrent_guards_do_not_disturb_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..8).map(|i| directory.path().join(format!("new/{}.json", i / 2))).collect();
    let children: Vec<_> = paths.iter().map(|path| quiet(path).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let texts: Vec<_> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(texts.iter().all(|text| *text == texts[0] && text.ends_with("}\n")));
    // No temporary file remains.
    assert_eq!(fs::read_dir(directory.path().join("new")).unwrap().count(), 4);
}
