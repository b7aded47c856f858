//! The chores of this repository: reproduce the lesson, renew the documents that show its tables, forward to the
//! comparison with other programs.
//!
//! The lesson itself is the crate `lessons`. A command is a function that returns an outcome; [`run`] prints it and turns
//! failures into one line and an exit code.
#![allow(clippy::missing_errors_doc, reason = "every error is the one line that the command fails with")]

mod boundary;
mod compare;
mod excerpt;
mod options;
mod reproduce;
mod root;
pub mod splice;

use std::ffi::OsString;
use std::process::ExitCode;

use options::{Xtask, XtaskCommand};

/// Runs one command line: exit code 0, 1 if a check found that something moved, 2 for bad input.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    cli::run(arguments, |xtask: Xtask| match xtask.command {
        XtaskCommand::Reproduce(options) => reproduce::command(&options),
        XtaskCommand::Splice(options) => splice::command(&options),
        XtaskCommand::Boundary(options) => boundary::command(&options),
        XtaskCommand::Compare(options) => compare::command(&options),
    })
}
