//! `step-zero identify` as its users meet it.

use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::{refusal, stdout, step_zero};

/// A file that PyTorch or a library of models has saved.
fn reference(name: &str) -> String {
    format!("{}/../checkpoint/tests/reference/{name}.safetensors", env!("CARGO_MANIFEST_DIR"))
}

/// The report without the folder of the file, which differs between machines.
fn shown(name: &str, options: &[&str]) -> String {
    let file = reference(name);
    let output = step_zero(&[&["identify", file.as_str()], options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    stdout(&output).replace(&file, "model.safetensors")
}

/// A file of zeros.
fn write(path: &Path, tensors: &[(&str, Dtype, usize)]) {
    let bytes = [0; 64];
    let views = tensors.iter().map(|&(name, dtype, count)| {
        let size = dtype.bitsize() / 8 * count;
        (name, TensorView::new(dtype, vec![count], &bytes[..size]).unwrap())
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

#[test]
fn bad_input_gets_one_line() {
    let file = reference("gpt2");
    let range = |range: &str| refusal(&["identify", &file, "--seed-range", range]);
    insta::assert_snapshot!(refusal(&["identify"]), @"error: the following required arguments were not provided: <FILES>...; see --help");
    insta::assert_snapshot!(range("7"), @"error: invalid value '7' for '--seed-range <FROM..TO>': it must be FROM..TO, such as 0..1000000; see --help");
    insta::assert_snapshot!(range("9..7"), @"error: invalid value '9..7' for '--seed-range <FROM..TO>': it ends before it begins; write 7..9; see --help");
    insta::assert_snapshot!(range("0..4294967296"), @"error: invalid value '0..4294967296' for '--seed-range <FROM..TO>': `4294967296` is no seed; seeds are whole numbers from 0 to 4294967295; see --help");
    insta::assert_snapshot!(range("-1..3"), @"error: invalid value '-1..3' for '--seed-range <FROM..TO>': `-1` is no seed; seeds are whole numbers from 0 to 4294967295; see --help");
    insta::assert_snapshot!(refusal(&["identify", "absent.safetensors"]), @"error: absent.safetensors: cannot read it: No such file or directory (os error 2)");

    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.safetensors");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&cut, &whole[..whole.len() - 100]).unwrap();
    let cut_line = refusal(&["identify", cut.to_str().unwrap()]);
    assert!(cut_line.contains("cut.safetensors: ") && cut_line.contains("download it again"), "{cut_line}");

    std::fs::write(&cut, &whole).unwrap();
    let path = cut.to_str().unwrap();
    let line = refusal(&["identify", path, "--write-rules", path]);
    assert!(line.ends_with("holds the weights; name another file"), "{line}");
    assert_eq!(std::fs::read(&cut).unwrap(), whole, "the weights are as they were");
    let line = refusal(&["identify", path, "--write-rules", folder.path().to_str().unwrap()]);
    assert!(line.starts_with("error: --write-rules: "), "{line}");
}

#[test]
fn every_row_of_a_model_is_shown() {
    insta::assert_snapshot!(shown("gpt2", &[]));
    insta::assert_snapshot!(shown("resnet", &["--format", "markdown"]));
}

#[test]
fn the_seed_is_found() {
    let text = shown("identify/digits-init", &["--seed-range", "1000..2000"]);
    insta::assert_snapshot!(text);
    let json = shown("identify/digits-init", &["--seed-range", "0..1233", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["seeds"]["found"], serde_json::json!([]), "the end of the range is its last seed");
}

#[test]
fn trained_weights_are_no_finding() {
    let text = shown("identify/digits-new-head", &[]);
    assert!(
        text.contains(
            "\ntrained weights: 4 of 6 tensors are no initialisation; 2 look freshly initialised\n"
        ),
        "{text}"
    );
}

#[test]
fn an_odd_tensor_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ones.safetensors");
    let floats = |value: f32| value.to_le_bytes().repeat(8);
    let values: Vec<(String, Vec<u8>)> = (0..4)
        .map(|layer| (format!("norm{layer}.weight"), floats(if layer == 2 { 3.0 } else { 1.0 })))
        .collect();
    let views = values.iter().map(|(name, bytes)| {
        let view = TensorView::new(Dtype::F32, vec![8], bytes);
        (name.as_str(), view.unwrap())
    });
    safetensors::serialize_to_file(views, None, &path).unwrap();
    let output = step_zero(&["identify", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("constant(3)  ← odd: 3× the others' mean"), "{}", stdout(&output));
}

#[test]
fn files_with_nothing_to_identify_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let shown = |tensors: &[(&str, Dtype, usize)]| {
        write(&path, tensors);
        let output = step_zero(&["identify", path.to_str().unwrap(), "--seed-range", "0..9"]);
        assert_eq!(output.status.code(), Some(0));
        stdout(&output).replace(path.to_str().unwrap(), "model.safetensors")
    };
    insta::assert_snapshot!(shown(&[]));
    insta::assert_snapshot!(shown(&[("ids", Dtype::I64, 3), ("empty", Dtype::F32, 0)]));
}

/// The walk of a newcomer: what is in the file, as rules that hold for it and not for another.
#[test]
fn written_rules_hold() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("new/rules.toml");
    let rules = rules.to_str().unwrap();
    let text = shown("gpt2", &["--write-rules", rules]);
    assert!(text.ends_with(&format!("step-zero check model.safetensors --rules {rules}\n")), "{text}");
    let check = |name: &str| step_zero(&["check", &reference(name), "--rules", rules]).status.code();
    assert_eq!((check("gpt2"), check("gpt2-untied")), (Some(0), Some(1)));
    let written = std::fs::read_to_string(rules).unwrap();
    insta::assert_snapshot!(written.replace(&reference("gpt2"), "model.safetensors"));
    // JSON stays JSON.
    let json = shown("gpt2", &["--write-rules", rules, "--format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}
