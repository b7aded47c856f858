//! The program `step-zero`.

use std::process::ExitCode;

/// Keeps the memory of one layer for the next one, where Rust links with a C compiler anyway.
#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_env = "msvc", target_os = "macos"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    step_zero::run(std::env::args_os())
}
