//! From a command line to an exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::Failure;

/// The result of a command: its text for the terminal, and whether it found anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The text for standard output.
    pub text: String,
    /// True if there were findings: the exit code is then 1 in place of 0.
    pub findings: bool,
}

impl Outcome {
    /// An outcome without findings.
    pub fn clean(text: impl Into<String>) -> Self {
        Self { text: text.into(), findings: false }
    }

    /// An outcome with or without findings.
    pub fn new(text: impl Into<String>, findings: bool) -> Self {
        Self { text: text.into(), findings }
    }
}

/// Parses a command line, runs the command, prints its outcome, and returns the exit code: 0, 1 if there were
/// findings, 2 for bad input. `arguments` begin with the program's name.
pub fn run<P: Parser>(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    command: impl FnOnce(P) -> Result<Outcome, Failure>,
) -> ExitCode {
    let outcome = match P::try_parse_from(arguments) {
        Ok(program) => command(program),
        Err(error) if !error.use_stderr() => Ok(Outcome::clean(error.to_string())),
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(Failure::new(format!("name a command: {}; see --help", commands(&P::command()))))
        }
        Err(error) => Err(Failure::usage(&error)),
    };
    match outcome.and_then(|outcome| print(&outcome.text).map(|()| outcome.findings)) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(failure) => {
            if failure.is_reported() {
                return ExitCode::from(2);
            }
            // Nothing can be done about a closed stderr.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// The visible subcommands of a program: `a, b or c`.
fn commands(program: &clap::Command) -> String {
    let visible = program.get_subcommands().filter(|command| !command.is_hide_set());
    let names: Vec<&str> = visible.map(clap::Command::get_name).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// Writes to stdout; a reader that closes the pipe early (`| head`) is not an error.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}
