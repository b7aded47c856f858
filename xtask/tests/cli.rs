//! The command line as its users meet it: exit codes, one-line errors, whole files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a refusal: exit code 2, nothing on stdout; the temporary directory's name replaced.
#[track_caller]
fn refusal(directory: Option<&TempDir>, arguments: &[&str]) -> String {
    let output = xtask(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(text.lines().count(), 1, "{text}");
    let name = directory.map_or("\0".to_owned(), |directory| path(directory.path()));
    text.trim_end().replace(&name, "DIR")
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A directory with the lesson's quick artifacts in it, and its name.
fn reproduced() -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let name = path(directory.path());
    let output = xtask(&["reproduce", "--out", &name, "activations-random", "gradients"]);
    assert!(output.status.success());
    (directory, name)
}

/// Name, length and time of change of every file.
fn listing(directory: &Path) -> Vec<(String, u64, std::time::SystemTime)> {
    let entry = |entry: fs::DirEntry| {
        let about = entry.metadata().unwrap();
        (entry.file_name().into_string().unwrap(), about.len(), about.modified().unwrap())
    };
    let mut all: Vec<_> = fs::read_dir(directory).unwrap().map(|e| entry(e.unwrap())).collect();
    all.sort();
    all
}

const CHECK: [&str; 4] = ["reproduce", "--check", "activations-random", "gradients"];

fn check(directory: &str, more: &[&str]) -> Vec<String> {
    CHECK.iter().chain(&["--out", directory]).chain(more).map(|&s| s.to_owned()).collect()
}

fn run(arguments: &[String]) -> Output {
    xtask(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn bad_words_get_one_line() {
    insta::assert_snapshot!(refusal(None, &["reproduce", "--seed", "x"]), @"error: invalid value 'x' for '--seed <SEED>': invalid digit found in string; see --help");
    insta::assert_snapshot!(refusal(None, &["reproduce", "--source", "numpy"]), @"error: invalid value 'numpy' for '--source <SOURCE>' [possible values: torch, chacha]; see --help");
    let activation = refusal(None, &["reproduce", "--activation", "relu7"]);
    assert!(activation.starts_with("error: invalid value 'relu7' for '--activation <ACTIVATION>': invalid activation `relu7`: expected one of identity, tanh, "));
    assert!(activation.ends_with("; see --help"), "{activation}");
    insta::assert_snapshot!(refusal(None, &["reproduce", "--hidden", "0"]), @"error: there is no hidden layer; the network needs at least 1; see --help");
    insta::assert_snapshot!(refusal(None, &["reproduce", "--width", "1000000", "dataset"]), @"error: the network has too many values: 2000037000000 weights and 390001300 activations for 130 examples, where 100000000 fit; choose a smaller network");
    insta::assert_snapshot!(refusal(None, &["reproduce", "--check", "--list"]), @"error: the argument '--check' cannot be used with '--list'; see --help");
    insta::assert_snapshot!(refusal(None, &[]), @"error: name a command: reproduce, splice, boundary or compare; see --help");
    insta::assert_snapshot!(refusal(None, &["splice", "nowhere.md"]), @"error: cannot read nowhere.md: No such file or directory (os error 2); name an existing document");
}

#[test]
fn bad_directories_get_one_line_and_stay_as_they_were() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "mine").unwrap();
    let out = |at: &Path| refusal(Some(&directory), &["reproduce", "gradients", "--out", &path(at)]);
    insta::assert_snapshot!(out(&file), @"error: DIR/file is a file, not a directory; choose another directory");
    insta::assert_snapshot!(out(&file.join("below")), @"error: cannot create DIR/file/below: Not a directory (os error 20); choose another directory");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");

    let half = directory.path().join("half");
    fs::create_dir_all(half.join("gradients.png")).unwrap();
    insta::assert_snapshot!(out(&half), @"error: DIR/half/gradients.png is a directory where a file must go; move it away");
    let left: Vec<String> = listing(&half).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(left, ["gradients.png"], "nothing half-written");
}

#[test]
fn a_check_agrees_with_what_was_just_written_and_writes_nothing() {
    let (directory, name) = reproduced();
    let before = listing(directory.path());
    let output = run(&check(&name, &[]));
    assert_eq!((output.status.code(), stdout(&output).lines().count()), (Some(0), 1));
    assert!(stdout(&output).starts_with("2 artifacts agree with"), "{}", stdout(&output));
    assert_eq!(listing(directory.path()), before);
}

#[test]
fn a_check_reports_what_moved_in_three_digits_only() {
    let (directory, name) = reproduced();
    let csv = directory.path().join("activations-random.csv");
    let text = fs::read_to_string(&csv).unwrap();
    fs::write(&csv, text.replace("0.872", "0.8721")).unwrap();
    assert_eq!(run(&check(&name, &[])).status.code(), Some(0), "the fourth digit is another CPU's");

    fs::write(&csv, text.replace("0.872", "0.882")).unwrap();
    let output = run(&check(&name, &[]));
    assert_eq!(output.status.code(), Some(1));
    let shown = stdout(&output).replace(&name, "DIR");
    insta::assert_snapshot!(shown, @"
     artifact             row         column   committed   now
    ────────────────────────────────────────────────────────────────
     activations-random   1 Layer 1   std      0.882178    0.872178
    1 value of DIR moved in its first three significant digits.
    ");
    let json = run(&check(&name, &["--format", "json"]));
    assert!(stdout(&json).contains(r#""column":"std""#), "{}", stdout(&json));

    fs::write(&csv, text.lines().take(3).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = run(&check(&name, &[]));
    assert_eq!(output.status.code(), Some(1), "a row is missing");
    assert!(stdout(&output).contains("not there"), "{}", stdout(&output));
}

#[test]
fn another_seed_moves_nearly_everything() {
    let (_directory, name) = reproduced();
    let output = run(&check(&name, &["--seed", "43"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).lines().count() > 12, "{}", stdout(&output));
}

#[test]
fn missing_and_damaged_files_are_refused_by_a_check() {
    let (directory, name) = reproduced();
    let csv = directory.path().join("activations-random.csv");
    let text = fs::read_to_string(&csv).unwrap();
    let refused = |content: Option<&str>| {
        match content {
            Some(content) => fs::write(&csv, content).unwrap(),
            None => fs::remove_file(&csv).unwrap(),
        }
        let arguments = check(&name, &[]);
        refusal(Some(&directory), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    insta::assert_snapshot!(refused(Some("")), @"error: DIR/activations-random.csv is damaged: it is empty; restore it, or make it with `cargo xtask reproduce`");
    insta::assert_snapshot!(refused(Some("no,such,columns\n1,2,3\n")), @"error: DIR/activations-random.csv is damaged: its header is not layer,mean,std,saturated; restore it, or make it with `cargo xtask reproduce`");
    insta::assert_snapshot!(refused(Some(&text[..text.len() - 12])), @"error: DIR/activations-random.csv is damaged: CSV error: record 3 (line: 4, byte: 99): found record with 3 fields, but the previous record has 4 fields; restore it, or make it with `cargo xtask reproduce`");
    insta::assert_snapshot!(refused(Some(&text.replace("0.872", "O.872"))), @"error: DIR/activations-random.csv is damaged: line 2, column std: 'O.872178' is not a number; restore it, or make it with `cargo xtask reproduce`");
    insta::assert_snapshot!(refused(None), @"error: cannot read DIR/activations-random.csv: No such file or directory (os error 2); restore it, or make it with `cargo xtask reproduce`");
    fs::write(&csv, text).unwrap();
    fs::remove_file(directory.path().join("gradients.svg")).unwrap();
    let arguments = check(&name, &[]);
    let line = refusal(Some(&directory), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(line.contains("gradients.svg"), "{line}");
}

#[test]
fn runs_are_the_same_to_the_byte() {
    let ((one, _), (other, _)) = (reproduced(), reproduced());
    for (name, ..) in listing(one.path()) {
        assert!(
            fs::read(one.path().join(&name)).unwrap() == fs::read(other.path().join(&name)).unwrap(),
            "{name}"
        );
    }
    assert_eq!(listing(one.path()).len(), 5, "two CSVs, an SVG, a PNG and their page");
}

#[test]
fn what_is_there_already_is_left_alone() {
    let (directory, name) = reproduced();
    let before = listing(directory.path());
    fs::write(directory.path().join("gradients.csv"), "mine").unwrap();
    assert!(xtask(&["reproduce", "--out", &name, "activations-random", "gradients"]).status.success());
    let changed = |(old, new): (_, _)| old != new;
    let now = listing(directory.path());
    let new: Vec<&str> =
        before.iter().zip(&now).filter(|&pair| changed(pair)).map(|(_, new)| &*new.0).collect();
    assert_eq!(new, ["gradients.csv"], "that one is written, and no other");
    assert_eq!(
        now.iter().map(|(_, length, _)| length).sum::<u64>(),
        before.iter().map(|(_, length, _)| length).sum()
    );
}

#[test]
fn the_list_names_every_artifact() {
    let output = xtask(&["reproduce", "--list"]);
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn an_unknown_artifact_is_told_all_their_names() {
    insta::assert_snapshot!(refusal(None, &["reproduce", "nonsense"]));
}

#[test]
fn every_format_speaks_of_another_network() {
    let directory = TempDir::new().unwrap();
    let name = path(directory.path());
    let network =
        ["--hidden", "2", "--width", "8", "--embedding", "3", "--activation", "relu", "--source", "chacha"];
    let with = |more: &[&str]| {
        let out = ["--out", &name];
        let arguments: Vec<&str> = network.iter().chain(&out).chain(more).copied().collect();
        let output = xtask(&[&["reproduce"], &arguments[..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output)
    };
    let text = with(&["activations-kaiming"]);
    assert!(text.contains("Layer 2") && !text.contains("Layer 3"), "{text}");
    let json = with(&["gradients", "--format", "json"]);
    assert_eq!(json.matches("\"weight\"").count(), 3, "{json}");
    let markdown = with(&["gradients", "--format", "markdown"]);
    assert!(markdown.contains("| W3 ") && markdown.contains("/gradients.svg)"), "{markdown}");
}

/// 120 layers of N(0, 1) without an activation leave f32's range: NaN is shown, drawn as such, and no panic.
#[test]
fn an_overflowing_network_is_shown_as_it_is() {
    let directory = TempDir::new().unwrap();
    let name = path(directory.path());
    let network = ["--hidden", "120", "--width", "20", "--activation", "identity", "--out", &name];
    let artifacts = ["reproduce", "activations-random", "histograms-random", "gradients"];
    let output = xtask(&[&artifacts[..], &network].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let last = stdout(&output).lines().find(|line| line.contains("Layer 120")).unwrap().to_owned();
    assert!(last.matches("NaN").count() == 2, "{last}");
    let drawn = fs::read_to_string(directory.path().join("gradients.svg")).unwrap();
    assert!(drawn.contains("NaN"), "the bars that are missing say why");
}

#[test]
fn stale_documents_are_told_from_fresh_ones() {
    let directory = TempDir::new().unwrap();
    let document = directory.path().join("page.md");
    let marker = "<!-- cargo xtask reproduce dataset --format markdown -->\n";
    fs::write(&document, format!("before\n{marker}old\n<!-- end -->\nafter\n")).unwrap();
    let name = path(&document);
    assert_eq!(xtask(&["splice", "--check", &name]).status.code(), Some(1));
    assert_eq!(xtask(&["splice", &name]).status.code(), Some(0));
    assert_eq!(xtask(&["splice", "--check", &name]).status.code(), Some(0));
    let text = fs::read_to_string(&document).unwrap();
    assert_eq!(
        text,
        format!("before\n{marker}\nDataset: 20 names, 130 bigram pairs\n\n<!-- end -->\nafter\n")
    );
    fs::write(&document, format!("{marker}never closed\n")).unwrap();
    insta::assert_snapshot!(refusal(Some(&directory), &["splice", &name]), @"error: DIR/page.md: line 1: no '<!-- end -->' follows this marker");
}
