//! `step-zero observe --recording` as its users meet it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::network::{RecordedFile, changed, network, read};
use crate::{refusal, stdout};

/// A directory with recordings: `small` is healthy, `loud` has saturated units.
pub(crate) fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "small", &network(1, 0.5));
    write(directory.path(), "loud", &network(2, 6.0));
    directory
}

pub(crate) fn write(directory: &Path, name: &str, file: &RecordedFile) -> PathBuf {
    let path = directory.join(format!("{name}.safetensors"));
    std::fs::write(&path, file.bytes()).unwrap();
    path
}

/// Runs the program in a directory.
pub(crate) fn step_zero_in(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_step-zero")).args(arguments).current_dir(directory).output().unwrap()
}

/// The one line of a refusal in a directory.
#[track_caller]
pub(crate) fn refusal_in(directory: &Path, arguments: &[&str]) -> String {
    let output = step_zero_in(directory, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len(), text.lines().count()), (Some(2), 0, 1), "{text}");
    text.trim_end().to_owned()
}

#[test]
fn a_report_tells_all_of_one_recording() {
    let directory = directory();
    let output = step_zero_in(directory.path(), &["observe", "--recording", "loud.safetensors"]);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn recordings_of_several_seeds_are_judged_together() {
    let directory = directory();
    write(directory.path(), "third", &network(3, 6.0));
    let arguments = ["observe", "--recording", "loud.safetensors", "third.safetensors", "--format", "json"];
    let text = stdout(&step_zero_in(directory.path(), &arguments));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["recordings"].as_array().unwrap().len(), 2);
    let verdict =
        report["verdicts"].as_array().unwrap().iter().find(|verdict| verdict["rule"] == "saturated");
    assert!(verdict.unwrap()["standard_error"].is_f64(), "{text}");
    write(
        directory.path(),
        "other",
        &changed(|manifest| {
            manifest["sites"][3]["id"] = json!("head");
            manifest["loss"]["logits"] = json!("head");
        }),
    );
    let arguments = ["observe", "--recording", "loud.safetensors", "other.safetensors"];
    insta::assert_snapshot!(refusal_in(directory.path(), &arguments), @"error: loud.safetensors and other.safetensors are of different networks: site 4 is fc2 in one and head in the other; observe them one at a time");
}

#[test]
fn every_format_is_printed() {
    let directory = directory();
    let shown = |format: &str| {
        let arguments = ["observe", "--recording", "loud.safetensors", "--format", format];
        stdout(&step_zero_in(directory.path(), &arguments))
    };
    assert!(shown("markdown").starts_with("| site |"));
    assert!(shown("csv").starts_with("recording,location,statistic,value\n"));
    assert!(shown("github").starts_with("::"));
    let report: Value = serde_json::from_str(&shown("json")).unwrap();
    assert_eq!(report["version"], 1);
}

#[test]
fn a_condensed_recording_gives_the_same_report() {
    let directory = directory();
    let arguments = ["observe", "--recording", "loud.safetensors", "--condense", "new/condensed.safetensors"];
    let raw = step_zero_in(directory.path(), &arguments);
    let small = step_zero_in(directory.path(), &["observe", "--recording", "new/condensed.safetensors"]);
    assert_eq!((stdout(&small), small.status.code()), (stdout(&raw), Some(1)));
    let bytes = std::fs::read(directory.path().join("new/condensed.safetensors")).unwrap();
    assert_eq!(read(&bytes).unwrap().condensed(), bytes);
    // A place that cannot be written leaves nothing behind, and nothing is printed.
    let arguments = ["observe", "--recording", "loud.safetensors", "--condense", "loud.safetensors/x"];
    let text = refusal_in(directory.path(), &arguments);
    assert!(text.starts_with("error: --condense: loud.safetensors is a file, not a directory"), "{text}");
    let arguments = ["observe", "--recording", "loud.safetensors", "small.safetensors", "--condense", "x"];
    insta::assert_snapshot!(refusal_in(directory.path(), &arguments), @"error: --condense: it condenses one recording; name one after --recording");
    assert!(!directory.path().join("x").exists());
}

#[test]
fn a_page_is_written_for_recordings_and_for_networks() {
    let directory = directory();
    for (name, arguments) in [
        ("recording.html", vec!["--recording", "loud.safetensors"]),
        ("network.html", vec!["--scheme", "random", "--hidden", "2"]),
    ] {
        let arguments = [&["observe", "--html", name][..], &arguments].concat();
        let output = step_zero_in(directory.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let page = std::fs::read_to_string(directory.path().join(name)).unwrap();
        let first = page.find("class=\"finding").unwrap();
        assert!(page.starts_with("<!doctype html>") && first < page.find("class=\"plot\"").unwrap());
        let outside = page.replace("href=\"#", "");
        assert!(page.ends_with("</html>\n") && !page.contains("src=") && !outside.contains("href=\""));
    }
}

#[test]
fn bad_options_and_files_get_one_line() {
    insta::assert_snapshot!(refusal(&["observe", "--recording", "no/such.safetensors"]), @"error: no/such.safetensors: cannot open it: No such file or directory (os error 2); name a recording");
    insta::assert_snapshot!(refusal(&["observe", "--recording", "a", "--hidden", "2"]), @"error: the argument '--recording <FILE>...' cannot be used with '--hidden <HIDDEN>'; see --help");
    insta::assert_snapshot!(refusal(&["observe", "--recording", "a", "--scheme", "random"]), @"error: the argument '--recording <FILE>...' cannot be used with '--scheme <SCHEME>'; see --help");
    insta::assert_snapshot!(refusal(&["observe", "--condense", "a"]), @"error: the following required arguments were not provided: --recording <FILE>...; see --help");
    let directory = directory();
    std::fs::write(directory.path().join("text"), "hello").unwrap();
    insta::assert_snapshot!(refusal_in(directory.path(), &["observe", "--recording", "text"]), @"error: text: not a safetensors file: it has 5 bytes");
    std::fs::create_dir(directory.path().join("folder")).unwrap();
    let text = refusal_in(directory.path(), &["observe", "--recording", "folder"]);
    assert!(text.starts_with("error: folder: "), "{text}");
}

#[test]
fn a_configuration_changes_levels_and_limits_and_allows_findings() {
    let directory = directory();
    let observe = |config: &str| {
        std::fs::write(directory.path().join("step-zero.toml"), config).unwrap();
        let output = step_zero_in(directory.path(), &["observe", "--recording", "loud.safetensors"]);
        (stdout(&output), output.status.code())
    };
    let (text, code) = observe("");
    assert!(text.contains("warning[saturated] tanh: ") && code == Some(1), "{text}");
    let (text, _) = observe("[rules.saturated]\nlevel = 'error'\n");
    assert!(text.contains("\nerror[saturated] tanh: "), "{text}");
    let (text, _) = observe("[limits]\nsaturated = 0.99\n");
    assert!(!text.contains("saturated] tanh"), "{text}");
    let allow = "[[allow]]\nrule = 'saturated'\nlocation = 'ta*'\nreason = 'a test'\n";
    let (text, _) = observe(allow);
    assert!(
        !text.contains("saturated] tanh") && text.contains("allowed by configuration: saturated 1×"),
        "{text}"
    );
    let (text, _) = observe(&allow.replace("ta*", "fc*"));
    assert!(text.contains("warning[saturated] tanh: "), "another location is not allowed: {text}");
    // All findings of this recording, allowed by their rules.
    let (text, _) = observe("");
    let rules = text.lines().filter_map(|line| line.split_once('[')?.1.split_once("] "));
    let all: String = rules.map(|(rule, _)| format!("[rules.{rule}]\nlevel = 'note'\n")).collect();
    let (text, code) = observe(&all);
    assert!(code == Some(0) && text.contains("note[saturated]"), "{text}");
}

#[test]
fn a_bad_configuration_gets_one_line() {
    let directory = directory();
    let refused = |config: &str| {
        std::fs::write(directory.path().join("other.toml"), config).unwrap();
        let arguments = ["observe", "--recording", "small.safetensors", "--config", "other.toml"];
        refusal_in(directory.path(), &arguments)
    };
    insta::assert_snapshot!(refused("[limits]\n\nsaturatd = 1"), @"error: other.toml:3:1: there is no limit `saturatd` (did you mean `saturated`?)");
    insta::assert_snapshot!(refused("limits"), @"error: other.toml:1:7: key with no value, expected `=`");
    let arguments = ["observe", "--recording", "small.safetensors", "--config", "none.toml"];
    insta::assert_snapshot!(refusal_in(directory.path(), &arguments), @"error: cannot read none.toml: No such file or directory (os error 2); name another file with --config");
}

#[test]
fn a_configuration_holds_for_networks_too() {
    let directory = directory();
    let observe = |config: &str, format: &str| {
        std::fs::write(directory.path().join("step-zero.toml"), config).unwrap();
        let arguments = ["observe", "--scheme", "random", "--hidden", "2", "--format", format];
        stdout(&step_zero_in(directory.path(), &arguments))
    };
    assert!(observe("", "text").contains("[saturated] "));
    let allow = "[[allow]]\nrule = 'saturated'\nlocation = 'Layer *'\nreason = 'as the lesson has it'\n";
    let text = observe(allow, "text");
    assert!(
        !text.contains("[saturated] ") && text.contains("\nallowed by configuration: saturated "),
        "{text}"
    );
    let json: Value = serde_json::from_str(&observe(allow, "json")).unwrap();
    assert_eq!(json["allowed"][0]["reason"], "as the lesson has it");
    assert!(observe("[limits]\nsaturated = 1", "github").lines().all(|line| line.starts_with("::")));
}
