//! The same work here and in other programs, in turns: `cargo xtask compare`.
//!
//! Every program is a child process that speaks one [`protocol`]: ours too, so that nobody is measured by other means.
//! What all compute from is written to files first ([`data`]); each answer carries numbers of its result, and a program
//! whose numbers are not ours ends the comparison ([`agree`]). Medians, ratios and the floor become a page.
//!
//! A new piece of work is a variant of [`work::Work`], an arm in `ours`, and a method in `compare/peers.py`; a new
//! program is a line of `programs`.

pub mod agree;
mod command;
pub mod contest;
pub mod data;
mod figure;
mod machine;
mod ours;
mod page;
mod peer;
mod programs;
pub mod protocol;
mod serve;
mod tables;
pub mod work;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use command::Compare;
use serve::Serve;

/// Runs a command line and returns its exit code; with `serve` as its first word, it is our own side of a comparison.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == "serve") {
        let rest = arguments[..1].iter().chain(&arguments[2..]).cloned();
        return cli::run(rest, |options: Serve| serve::command(&options));
    }
    cli::run(arguments, |options: Compare| command::command(&options))
}

/// The root of the repository, in which this is compiled.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..")
}
