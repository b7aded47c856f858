//! `step-zero observe` as its users meet it.

use std::process::{Command, Stdio};

use crate::{refusal, stdout, step_zero};

#[test]
fn bad_options_get_one_line() {
    insta::assert_snapshot!(refusal(&[]), @"error: name a command: observe, check, identify, diff, explain, sweep or merge; see --help");
    insta::assert_snapshot!(refusal(&["observe", "--activation", "gelu", "--scheme", "xavier-textbook"]), @"error: xavier-textbook needs PyTorch's gain, and there is none for gelu; choose random, kaiming or xavier");
    insta::assert_snapshot!(refusal(&["observe", "--scheme", "dirac(3)"]), @"error: scheme `dirac(3)` cannot fill shape [10, 100]: it needs a kernel of 1 to 3 axes, not 0; for a matrix use `identity`");
    insta::assert_snapshot!(refusal(&["observe", "--scheme", "normal(0, -1)"]), @"error: invalid value 'normal(0, -1)' for '--scheme <SCHEME>': invalid scheme `normal(0, -1)`: the standard deviation must not be negative; see --help");
    let unknown = refusal(&["observe", "--scheme", "kaimin"]);
    assert!(unknown.contains("invalid scheme `kaimin`: expected one of zeros, ones, constant,"), "{unknown}");
    assert!(unknown.contains("; or one of random, kaiming, xavier,"), "{unknown}");
    assert!(unknown.contains("torch.linear,") && unknown.ends_with("; see --help"), "{unknown}");
    insta::assert_snapshot!(refusal(&["observe", "--saturation", "97"]), @"error: invalid value '97' for '--saturation <FRACTION>': it must be from 0 to 1; see --help");
}

#[test]
fn observe_tells_all_of_one_network() {
    let output = step_zero(&["observe", "--scheme", "kaiming", "--hidden", "2", "--seed", "7"]);
    insta::assert_snapshot!(stdout(&output));
    for scheme in ["tch.linear", "orthogonal(critical(tanh))", "kaiming_uniform(fan_out, forward(gelu))"] {
        let seen = stdout(&step_zero(&["observe", "--scheme", scheme]));
        assert!(seen.contains("Layer 3"), "{scheme}: {seen}");
    }
    let json = stdout(&step_zero(&["observe", "--format", "json"]));
    for name in ["grad:data", "always saturated share", "predicted post std", "gradient rate", "fixes"] {
        assert!(json.contains(&format!("\"{name}\"")), "{name}");
    }
    let lecture = stdout(&step_zero(&["observe", "--saturation", "0.97"]));
    assert!(lecture.contains("|h|>0.97"), "{lecture}");
}

/// Curvature is there when it is asked for, in every format, and too large a network is told so.
#[test]
fn curvature_is_measured_on_request() {
    let small = ["observe", "--layers", "8x2"];
    let observe = |more: &[&str]| stdout(&step_zero(&[&small[..], more].concat()));
    for format in ["text", "markdown", "csv", "json"] {
        let [with, without] = [&["--format", format, "--curvature"][..], &["--format", format]].map(observe);
        for name in ["Hessian λ_min", "Hessian 2/λ_max", "Gauss–Newton λ_max"] {
            assert!(with.contains(name) && !without.contains(name), "{format}: {name}");
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let page = directory.path().join("report.html");
    observe(&["--curvature", "--html", page.to_str().unwrap()]);
    assert!(std::fs::read_to_string(page).unwrap().contains("Gauss–Newton 2/λ_max"));
    insta::assert_snapshot!(refusal(&["observe", "--layers", "2000x2", "--curvature"]), @"error: --curvature: 4078297 parameters are too many; it measures networks of up to 2000000");
    insta::assert_snapshot!(refusal(&["observe", "--recording", "x.safetensors", "--curvature"]), @"error: the argument '--recording <FILE>...' cannot be used with '--curvature'; see --help");
}

#[test]
fn a_verdict_is_a_finding() {
    let code = |arguments: &[&str]| step_zero(arguments).status.code();
    assert_eq!(code(&["observe", "--scheme", "random"]), Some(1));
    assert_eq!(code(&["observe", "--scheme", "kaiming_normal(fan_in, tanh)"]), Some(0));
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_step-zero"))
        .args(["observe", "--hidden", "50", "--width", "10", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0), "findings, and nothing else");
}

/// The options of a network are the lecture's too: several symbols per example, normalised layers.
#[test]
fn any_network_is_observed_with_any_scheme() {
    let network = ["observe", "--layers", "20x2,8", "--context", "3", "--norm", "all", "--norm-bias"];
    let text = stdout(&step_zero(&[&network[..], &["--scheme", "orthogonal"]].concat()));
    for name in ["Layer 3", "gamma4", "b1"] {
        assert!(text.contains(name), "{name} is not in:\n{text}");
    }
    // 20 units each: --width and --hidden are the older form of --layers.
    let layers = |options: &[&str]| stdout(&step_zero(&[&["observe"], options].concat()));
    assert_eq!(layers(&["--layers", "20x2"]), layers(&["--width", "20", "--hidden", "2"]));
    assert_ne!(layers(&["--layers", "20x2"]), layers(&["--layers", "20x3"]));
}
