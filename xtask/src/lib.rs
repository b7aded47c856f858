//! Reproduces the lesson: its tables and figures, the audit of its claims, and the check of what is committed.
//!
//! The only place of the project with files, clocks and a terminal. A command is a function that returns what
//! it would print; [`run`] prints it and turns failures into one line and an exit code.
#![allow(clippy::missing_errors_doc, reason = "every error is the one line that the command fails with")]

pub mod artifact;
pub mod artifacts;
pub mod audit;
mod check;
mod cli;
pub mod compare;
pub mod digits;
mod excerpt;
mod fault;
mod files;
pub mod lesson;
pub mod makemore;
mod observe;
mod outputs;
mod paths;
mod progress;
mod reproduce;
pub mod splice;
pub mod studies;
pub mod table;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, Lecture, Reproduce};
use fault::Fault;

/// What a command leaves behind: its text for the terminal, and whether a check found anything.
pub struct Outcome {
    text: String,
    moved: bool,
}

/// Runs one command line: exit code 0, 1 if a check found that something moved, 2 for bad input.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let outcome = match Cli::try_parse_from(arguments) {
        Ok(cli) => match cli.command {
            Command::Reproduce(Reproduce { lecture: Some(Lecture::Makemore(options)), .. }) => {
                makemore::command::command(&options)
            }
            Command::Reproduce(options) => reproduce::command(&options),
            Command::Observe(options) => observe::command(&options),
            Command::Splice(options) => splice::command(&options),
            Command::Compare(options) => compare::command(&options),
            Command::Serve(options) => compare::serve(&options),
        },
        Err(error) if !error.use_stderr() => Ok(Outcome { text: error.to_string(), moved: false }),
        Err(error) => Err(Fault::usage(&error)),
    };
    match outcome.and_then(|outcome| print(&outcome.text).map(|()| outcome.moved)) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(fault) => {
            // Nothing can be done about a closed stderr.
            let _ = writeln!(io::stderr(), "error: {fault}");
            ExitCode::from(2)
        }
    }
}

/// Writes to stdout; a reader that has seen enough (`| head`) is no fault.
fn print(text: &str) -> Result<(), Fault> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fault::new(format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}
