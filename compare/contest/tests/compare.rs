//! `cargo xtask compare` as its users meet it: which programs are left out, which are refused, and what is written. No
//! time is judged.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The quickest work of all against a program in place of a Python.
fn compare(python: &[&str], directory: &Path) -> Output {
    let out = directory.to_str().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command.args(["tanh", "--quick", "--out", out]).args(python);
    command.stdin(Stdio::null()).output().unwrap()
}

fn stand_in(name: &str) -> [String; 2] {
    ["--python".to_owned(), format!("{}/tests/peers/{name}", env!("CARGO_MANIFEST_DIR"))]
}

/// The one line of a refusal, which leaves nothing behind.
#[track_caller]
fn refusal(python: &[&str]) -> String {
    let directory = TempDir::new().unwrap();
    let output = compare(python, directory.path());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
    assert!(output.stdout.is_empty() && fs::read_dir(directory.path()).unwrap().next().is_none());
    text.trim_end().to_owned()
}

/// The page of a comparison that succeeds.
#[track_caller]
fn page(python: &[&str]) -> String {
    let directory = TempDir::new().unwrap();
    let output = compare(python, directory.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let record = fs::read_to_string(directory.path().join("performance.csv")).unwrap();
    let rows: Vec<&str> = record.lines().collect();
    assert_eq!(rows[0], "work,program,median_us,ratio,ratio_low,ratio_high,floor_us");
    assert!(rows.len() == 2 && rows[1].starts_with("tanh,Step Zero,"), "{record}");
    fs::read_to_string(directory.path().join("performance.md")).unwrap()
}

#[test]
fn a_program_with_other_numbers_is_refused() {
    let [option, path] = stand_in("liar.sh");
    let line = refusal(&[&option, &path]);
    assert!(line.starts_with("error: PyTorch, tanh: the result has 1 where ours is 0.62"), "{line}");
    assert!(line.ends_with(" (relative tolerance 1e-4)"), "{line}");
}

#[test]
fn a_python_that_was_named_must_be_there() {
    let line = refusal(&["--python", "nowhere/python"]);
    insta::assert_snapshot!(line, @"error: cannot run nowhere/python: No such file or directory (os error 2); name a Python that has torch and jax with --python");
}

#[test]
fn a_program_that_does_not_start_is_left_out() {
    let [option, path] = stand_in("without.sh");
    let without = page(&[&option, &path]);
    for name in ["PyTorch", "torch.compile", "JAX"] {
        let line = format!("- {name} is left out: ModuleNotFoundError: No module named 'it'\n");
        assert!(without.contains(&line), "{without}");
    }
    assert!(
        without.contains(
            "\n- candle, burn and hand-written loops are left out: add --peers, which builds them\n"
        ),
        "{without}"
    );
    let [option, path] = stand_in("deaf.sh");
    assert!(page(&[&option, &path]).contains("PyTorch is left out: 'Python 3.14.0' is not an answer"));
}

#[test]
fn works_are_named_or_listed() {
    let run =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap();
    let refused = run(&["sleep"]);
    insta::assert_snapshot!(String::from_utf8(refused.stderr).unwrap(), @"error: invalid value 'sleep' for '[WORK]...': unknown work 'sleep'; expected one of fma, forward/100x3, step/32x3, step/100x3, step/256x3, step/512x3, step/1024x3, step/100x10, step/100x50, train, normals, uniforms, tanh, statistics, product/1024, ensemble/250x1, ensemble/500x1, ensemble/1000x1, ensemble/2000x1, ensemble/1000x2; see --help");
    let threads = run(&["--threads", "0"]);
    insta::assert_snapshot!(String::from_utf8(threads.stderr).unwrap(), @"error: invalid value '0' for '--threads <THREADS>': 0 is not in 1..=1024; see --help");
    let list = run(&["--list"]);
    insta::assert_snapshot!(String::from_utf8(list.stdout).unwrap(), @"
    fma              2²⁶ operations, fused
    forward/100x3    forward, 100 × 3
    step/32x3        step, 32 × 3
    step/100x3       step, 100 × 3
    step/256x3       step, 256 × 3
    step/512x3       step, 512 × 3
    step/1024x3      step, 1024 × 3
    step/100x10      step, 100 × 10
    step/100x50      step, 100 × 50
    train            training, 100 steps
    normals          a million normals
    uniforms         a million uniforms
    tanh             tanh of a million
    statistics       statistics of a million
    product/1024     product, 1024³
    ensemble/250x1   ensemble, 250 seeds
    ensemble/500x1   ensemble, 500 seeds
    ensemble/1000x1  ensemble, 1000 seeds
    ensemble/2000x1  ensemble, 2000 seeds
    ensemble/1000x2  ensemble, 1000 seeds, 2 threads
    ");
}
