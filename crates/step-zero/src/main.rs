//! The program `step-zero`.

use std::process::ExitCode;

fn main() -> ExitCode {
    step_zero::run(std::env::args_os())
}
