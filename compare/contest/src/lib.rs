//! The same work here and in other programs, in turns: `cargo xtask compare`.
//!
//! Every program is a child process that speaks one [`protocol`](shared::protocol). Ours does too, so that all are
//! measured by the same means. The [data files](shared::data) that all compute from are written first. Each answer
//! carries numbers of its result, and a program whose numbers differ from ours ends the comparison ([`agree`]). Medians,
//! ratios and the floor become a page.
//!
//! A new work is a variant of [`Work`](shared::Work); the compiler then asks for its job in `ours` and its files in
//! `data`. A new program is one line in `programs`.

pub mod agree;
mod command;
pub mod contest;
mod data;
mod figure;
mod machine;
mod networks;
mod ours;
mod page;
mod peer;
mod programs;
mod tables;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use command::CompareOptions;
use ours::Serve;

/// Runs a command line and returns its exit code: 0, or 2 for bad input and failures. With `serve` as its first word, it
/// is our own side of a comparison.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == "serve") {
        let rest = arguments[..1].iter().chain(&arguments[2..]).cloned();
        return cli::run(rest, |options: Serve| ours::command(&options));
    }
    cli::run(arguments, |options: CompareOptions| command::command(&options))
}

/// The root of the repository in which this is compiled.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..")
}
