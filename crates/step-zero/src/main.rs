//! The program `step-zero`.

use std::process::ExitCode;

/// Keeps the memory of one layer for the next one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    step_zero::run(std::env::args_os())
}
