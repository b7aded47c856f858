//! The comparison with other programs.

use std::process::ExitCode;

fn main() -> ExitCode {
    compare::run(std::env::args_os())
}
