//! `step-zero diff` as its users meet it.

use serde_json::{Value, json};

use crate::network::{changed, network};
use crate::recordings::{directory, refusal_in, step_zero_in, write};
use crate::stdout;

#[test]
fn equal_recordings_have_no_changes() {
    let directory = directory();
    let arguments = ["observe", "--recording", "small.safetensors", "--condense", "condensed.safetensors"];
    step_zero_in(directory.path(), &arguments);
    for other in ["small.safetensors", "condensed.safetensors"] {
        let output = step_zero_in(directory.path(), &["diff", "small.safetensors", other]);
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("nothing changed\n", Some(0)));
    }
}

#[test]
fn changed_structure_is_named() {
    let directory = directory();
    write(directory.path(), "base", &changed(|_| {}));
    write(
        directory.path(),
        "other",
        &changed(|manifest| {
            manifest["sites"][2]["kind"] = json!("other");
            manifest["sites"][3]["inputs"] = json!([{ "site": "fc1" }]);
            manifest["sites"][0]["id"] = json!("pixels");
            manifest["sites"][1]["inputs"] = json!([{ "site": "pixels" }]);
            manifest["parameters"][3]["trainable"] = json!(false);
        }),
    );
    let output = step_zero_in(directory.path(), &["diff", "base.safetensors", "other.safetensors"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    for line in [
        "  input: removed",
        "  pixels: added",
        "  tanh: kind activation → other",
        "  fc1: inputs [input] → [pixels]",
        "  fc2: inputs [tanh] → [fc1]",
        "  fc2.bias: trainable true → false",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
}

#[test]
fn numbers_beyond_the_tolerance_and_verdicts_are_named() {
    let directory = directory();
    write(directory.path(), "before", &network(2, 3.0));
    write(directory.path(), "after", &network(2, 6.0));
    let diff = |options: &[&str]| {
        let arguments = [&["diff", "before.safetensors", "after.safetensors"], options].concat();
        let output = step_zero_in(directory.path(), &arguments);
        (stdout(&output), output.status.code())
    };
    let (text, code) = diff(&[]);
    assert!(text.contains("  fc1.weight: rms ") && text.contains(" (2×), "), "{text}");
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&diff(&["--format", "json"]).0).unwrap();
    assert_eq!((&json["format"], &json["version"]), (&json!("step-zero-diff"), &json!(1)));
    let change = |of: &str, what: &str| {
        let all = json["changes"].as_array().unwrap();
        all.iter().find(|change| change["name"] == of && change["what"] == what).cloned()
    };
    let std = change("fc1.weight", "std").unwrap();
    let ratio = std["after"].as_f64().unwrap() / std["before"].as_f64().unwrap();
    assert!((ratio - 2.0).abs() < 1e-6, "{std}");
    assert!(change("input", "rms").is_none() && change("fc2.weight", "std").is_none(), "what did not change");
    // Twice the weights differ by half of the larger.
    let (loose, _) = diff(&["--tolerance", "0.51"]);
    assert!(!loose.contains("fc1.weight: "), "{loose}");
    let arguments = ["diff", "small.safetensors", "loud.safetensors"];
    let text = stdout(&step_zero_in(directory.path(), &arguments));
    assert!(text.contains("  saturated at tanh: new (warning)\n"), "{text}");
    let arguments = ["diff", "loud.safetensors", "small.safetensors"];
    let text = stdout(&step_zero_in(directory.path(), &arguments));
    assert!(text.contains("  saturated at tanh: gone (was warning)\n"), "{text}");
}

#[test]
fn bad_input_gets_one_line() {
    let directory = directory();
    insta::assert_snapshot!(refusal_in(directory.path(), &["diff", "small.safetensors", "none.safetensors"]), @"error: none.safetensors: cannot open it: No such file or directory (os error 2); name a recording");
    let arguments = ["diff", "small.safetensors", "loud.safetensors", "--tolerance", "-1"];
    let text = refusal_in(directory.path(), &arguments);
    assert!(text.starts_with("error: "), "{text}");
    insta::assert_snapshot!(refusal_in(directory.path(), &["diff", "small.safetensors", "loud.safetensors", "--tolerance=nan"]), @"error: invalid value 'nan' for '--tolerance <FRACTION>': it must be a number, and not negative; see --help");
}
