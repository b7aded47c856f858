//! Reading and measuring files of weights.

mod changed;
mod damaged;
mod make;
mod mutated;
mod of_libraries;
mod scheduling;

use std::path::Path;

use checkpoint::{Checkpoint, TensorSummary};

/// The one line of the error with which a path is refused.
fn refused(path: &Path) -> String {
    let result = Checkpoint::open(&[path]).and_then(|checkpoint| checkpoint.measure(|_, _| ()));
    one_line(result.expect_err("the file should be refused").to_string())
}

/// A text that must be one line of reasonable length.
fn one_line(text: String) -> String {
    assert!(!text.contains(char::is_control) && text.chars().count() < 2000, "{text}");
    text
}

/// The summary of the tensor with a name.
fn summary_of(path: &Path, name: &str) -> Option<TensorSummary> {
    let checkpoint = Checkpoint::open(&[path]).unwrap();
    let at = checkpoint.tensors().iter().position(|tensor| tensor.name == name).unwrap();
    checkpoint.measure(|_, _| ()).unwrap().swap_remove(at)
}
