//! The program as its users meet it: exit codes, one-line errors, reports.

mod check;
mod diff;
mod documents;
mod explain;
mod identify;
#[path = "../../diagnostics/tests/recordings/network.rs"]
mod network;
mod observe;
mod recordings;
mod sweep;

use std::process::{Command, Output, Stdio};

fn step_zero(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_step-zero")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a refusal: exit code 2, nothing on stdout.
#[track_caller]
fn refusal(arguments: &[&str]) -> String {
    let output = step_zero(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}
