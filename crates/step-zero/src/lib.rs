//! The program `step-zero`: one module per command.
//!
//! `step-zero observe` measures a network before its first step, or reads a recording of one, and says what is wrong and
//! what would fix it; `check` holds a file of weights to rules, and `identify` finds out what its tensors were drawn from;
//! `diff` compares two recordings, and `explain` describes the rules of verdicts. `sweep` computes many small networks by a plan,
//! on one machine or many, and `merge` makes their table. A command is a function from its options to an
//! outcome; [`run`] prints it and returns the exit code: 0 if all is well, 1 if there were findings, 2 for bad input.
#![allow(clippy::missing_errors_doc, reason = "every error is the one line that the command fails with")]

pub mod check;
pub mod config;
pub mod diff;
pub mod explain;
pub mod identify;
pub mod merge;
pub mod observe;
pub mod sweep;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// See what a network looks like before its first training step, and whether it can learn from there.
#[derive(Parser)]
#[command(name = "step-zero", bin_name = "step-zero", version)]
struct StepZero {
    #[command(subcommand)]
    command: StepZeroCommand,
}

#[derive(Subcommand)]
enum StepZeroCommand {
    Observe(Box<observe::Observe>),
    Check(Box<check::Check>),
    Identify(identify::Identify),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Sweep(sweep::Sweep),
    Merge(merge::Merge),
}

/// Runs a command line, which begins with the program's name, and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    cli::run(arguments, |program: StepZero| match program.command {
        StepZeroCommand::Observe(options) => observe::command(&options),
        StepZeroCommand::Check(options) => check::command(&options),
        StepZeroCommand::Identify(options) => identify::command(&options),
        StepZeroCommand::Diff(options) => diff::command(&options),
        StepZeroCommand::Explain(options) => explain::command(&options),
        StepZeroCommand::Sweep(options) => sweep::command(&options),
        StepZeroCommand::Merge(options) => merge::command(&options),
    })
}
