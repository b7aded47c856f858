//! `step-zero check` as its users meet it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::recordings::{refusal_in, step_zero_in};
use crate::{stdout, step_zero};

/// The folder of the files that `tests/check/make.py` has made.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

fn directory() -> TempDir {
    tempdir().unwrap()
}

const HEALTHY: &[&str] = &["check", "gpt2.safetensors", "--preset", "hf/gpt2"];
const FAULTY: &[&str] = &["check", "gpt2-unscaled.safetensors", "--preset", "hf/gpt2"];

/// What the program prints of a file, and its exit code.
fn printed(arguments: &[&str], more: &[&str]) -> (String, Option<i32>) {
    let output = step_zero_in(&folder(), &[arguments, more].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (stdout(&output), output.status.code())
}

fn refused(arguments: &[&str]) -> String {
    refusal_in(&folder(), arguments)
}

#[test]
fn a_healthy_file() {
    let (text, code) = printed(HEALTHY, &[]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(text);
}

#[test]
fn a_faulty_file() {
    let (text, code) = printed(FAULTY, &[]);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(text);
}

#[test]
fn a_faulty_file_for_a_workflow() {
    let (text, code) = printed(FAULTY, &["--format", "github"]);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(text);
    assert_eq!(printed(HEALTHY, &["--format", "github"]), (String::new(), Some(0)));
}

#[test]
fn a_faulty_file_for_a_program() {
    let (text, code) = printed(FAULTY, &["--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &report["format"], &report["version"]),
        (Some(1), &"step-zero-check".into(), &1.into())
    );
    assert_eq!(report["constants"]["layers"], 3.0);
    assert_eq!(report["findings"][0]["kind"], "wrong-std");
    assert_eq!(report["findings"][0]["tensors"].as_array().unwrap().len(), 6);
    let (text, _) = printed(FAULTY, &["--format", "junit"]);
    assert!(text.contains("<testsuite name=\"step-zero check\" tests=\"40\" failures=\"6\">"), "{text}");
    let (text, _) = printed(FAULTY, &["--format", "markdown"]);
    assert!(text.contains("\n- **wrong-std** `transformer.h.0.attn.c_proj.weight`: std is "), "{text}");
    assert!(text.contains("\n|"), "{text}");
}

#[test]
fn a_page_is_written_beside_the_report() {
    let directory = directory();
    let page = directory.path().join("page.html");
    let (_, code) = printed(FAULTY, &["--html", page.to_str().unwrap()]);
    let html = std::fs::read_to_string(page).unwrap();
    assert_eq!(code, Some(1));
    assert!(html.contains("<figure") && html.contains("the factor 1/√(2·layers) is missing, for 3 layers"));
}

#[test]
fn constants_are_set_and_read_from_a_configuration() {
    let directory = directory();
    let config = directory.path().join("config.json");
    std::fs::write(&config, "{\"initializer_range\": 0.05}").unwrap();
    let (text, code) = printed(HEALTHY, &["--config", config.to_str().unwrap()]);
    assert!(text.contains("with layers = 3, std = 0.05, tied = 1\n"), "{text}");
    assert_eq!(code, Some(1));
    let (text, code) = printed(HEALTHY, &["--config", config.to_str().unwrap(), "--set", "std=0.02"]);
    assert!(text.contains("with layers = 3, std = 0.02, tied = 1\n"), "{text}");
    assert_eq!(code, Some(0));
    let (text, code) = printed(HEALTHY, &["--set", "layers=12"]);
    assert!(text.contains("expected 0.004082 (2"), "{text}");
    assert_eq!(code, Some(1));
}

/// A rate of nearly one judges everything that is not exactly average.
#[test]
fn the_rate_of_false_alarms_is_an_option() {
    assert_eq!(printed(HEALTHY, &["--false-alarms", "0.01"]).1, Some(0));
    let (text, _) = printed(HEALTHY, &["--false-alarms", "1e-3"]);
    assert!(text.contains("at most one in 1,000 such files"), "{text}");
}

#[test]
fn copies_of_a_model() {
    let two = |second: &str, copies: &str| {
        let arguments = ["check", "gpt2.safetensors", second, "--preset", "hf/gpt2", "--copies", copies];
        printed(&arguments, &[])
    };
    assert_eq!(two("gpt2.safetensors", "replicas").1, Some(0));
    let (text, code) = two("gpt2-unscaled.safetensors", "replicas");
    assert!(text.contains("error[files-differ] transformer.h.0.attn.c_proj.weight"), "{text}");
    assert_eq!(code, Some(1));
    let (text, code) = two("gpt2.safetensors", "shards");
    assert!(text.contains("error[files-repeat]"), "{text}");
    assert_eq!(code, Some(1));
}

#[test]
fn two_files_beside_each_other() {
    let against = |other: &str, more: &[&str]| {
        printed(&[&["check", "gpt2.safetensors", "--against", other], more].concat(), &[])
    };
    let (text, code) = against("gpt2.safetensors", &[]);
    assert!(text.contains("\n40 with the same values\n"), "{text}");
    assert_eq!(code, Some(0));
    let (text, code) = against("gpt2-unscaled.safetensors", &[]);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(text);
    let (text, _) = against("gpt2-unscaled.safetensors", &["--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report["format"], &report["version"]), (&"step-zero-against".into(), &1.into()));
}

#[test]
fn presets_are_listed() {
    let output = step_zero(&["check", "--list-presets"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn files_that_are_no_weights() {
    let directory = directory();
    let at = |name: &str, bytes: &[u8]| std::fs::write(directory.path().join(name), bytes).unwrap();
    at("empty.safetensors", b"");
    at("text.safetensors", b"not weights, and long enough");
    at("short.safetensors", &std::fs::read(folder().join("gpt2.safetensors")).unwrap()[..20_000]);
    at("model.pt", b"PK\x03\x04\x14\x00\x00\x00archive/data.pkl");
    at("old.pt", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.");
    std::fs::create_dir(directory.path().join("folder")).unwrap();
    let refused = |file: &str| refusal_in(directory.path(), &["check", file, "--preset", "hf/gpt2"]);
    let files = [
        "none.safetensors",
        "empty.safetensors",
        "text.safetensors",
        "short.safetensors",
        "model.pt",
        "old.pt",
        "folder",
    ];
    insta::assert_snapshot!(files.map(refused).join("\n"));
}

#[test]
fn options_that_are_wrong() {
    let lines = [
        &["check", "gpt2.safetensors"][..],
        &["check", "gpt2.safetensors", "--preset", "hf/gtp2"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--rules", "rules.toml"],
        &["check", "gpt2.safetensors", "--rules", "none.toml"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--set", "layers"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--set", "layers=many"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--set", "layer=3"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--config", "none.json"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--false-alarms", "2"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--copies", "replicas"],
        &["check", "gpt2.safetensors", "--preset", "hf/gpt2", "--format", "xml"],
        &["check", "gpt2.safetensors", "gpt2.safetensors", "--preset", "hf/gpt2"],
        &["check", "gpt2.safetensors", "--against", "gpt2.safetensors", "--format", "junit"],
        &["check", "gpt2.safetensors", "--against", "gpt2.safetensors", "--preset", "hf/gpt2"],
    ];
    insta::assert_snapshot!(lines.map(refused).join("\n"));
}

#[test]
fn a_mistake_in_the_rules_has_a_line_and_a_column() {
    let directory = directory();
    let file = folder().join("gpt2.safetensors");
    let refused = |rules: &str| {
        std::fs::write(directory.path().join("rules.toml"), rules).unwrap();
        refusal_in(directory.path(), &["check", file.to_str().unwrap(), "--rules", "rules.toml"])
    };
    let rules = [
        "version = 2\n",
        "version = 1\n[[rules]]\n",
        "version = 1\n\n[[rule]]\nmatch = \"**\"\nschema = \"zeros\"\n",
        "version = 1\n\n[[rule]]\nmatch = \"**\"\nscheme = \"kaimin_normal\"\n",
        "version = 1\n\n[[rule]]\nmatch = \"**\"\nscheme = \"normal(0, width)\"\n",
        "version = 1\n[[rule]\n",
    ];
    insta::assert_snapshot!(rules.map(refused).join("\n"));
}

/// `step-zero check … | head -1`: a reader that leaves is no failure.
#[test]
fn a_closed_pipe_is_no_error() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_step-zero"))
        .args(HEALTHY)
        .current_dir(folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// The blocks of docs/check.md that a line opens.
fn blocks(opening: &str) -> Vec<String> {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md")).unwrap();
    let fence = format!("```{opening}\n");
    let parts = page.split(&fence).skip(1);
    let blocks: Vec<String> = parts.filter_map(|part| Some(part.split_once("```\n")?.0.to_owned())).collect();
    assert!(!blocks.is_empty(), "docs/check.md has no {opening}");
    blocks
}

#[test]
fn the_page_shows_what_the_program_prints() {
    for block in blocks("console") {
        let (command, shown) = block.split_once('\n').unwrap();
        let arguments: Vec<&str> = command.strip_prefix("$ step-zero ").unwrap().split(' ').collect();
        let printed = stdout(&step_zero_in(&folder(), &arguments));
        assert!(shown == printed, "renew docs/check.md: {command}\n{printed}");
    }
}

#[test]
fn the_rules_of_the_page_are_files_and_fit() {
    let [rules, adapter] = &blocks("toml")[..] else { panic!("two blocks of TOML") };
    assert_eq!(*rules, std::fs::read_to_string(folder().join("rules.toml")).unwrap());
    checkpoint::NameRules::parse(adapter).unwrap();
    assert_eq!(printed(&["check", "gpt2.safetensors", "--rules", "rules.toml"], &[]).1, Some(0));
}

/// Every kind of finding, and every key of the JSON, is on the page.
#[test]
fn the_page_has_every_kind_and_every_key() {
    fn keys(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| {
                found.push(key.clone());
                if key != "constants" {
                    keys(value, found);
                }
            }),
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md")).unwrap();
    let mut names: Vec<String> =
        checkpoint::CheckKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    let against = ["check", "gpt2.safetensors", "--against", "gpt2-unscaled.safetensors"];
    for arguments in [FAULTY, &against] {
        let (text, _) = printed(arguments, &["--format", "json"]);
        keys(&serde_json::from_str(&text).unwrap(), &mut names);
    }
    for name in names {
        let known = [format!("`{name}`"), format!(".{name}`"), format!("`{name}[]`"), format!(".{name}[]`")];
        assert!(known.iter().any(|text| page.contains(text)), "{name} is not documented");
    }
}
