//! `cargo xtask compare`: forwarded to the workspace in compare/, which the default build leaves out.

use std::ffi::OsString;
use std::process::Command;

use clap::Args;
use cli::{Failure, Outcome};

use crate::root::root;

/// Time the same work here and in other programs, in turns, and check that all compute the same.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Compare {
    /// Options of the comparison; `cargo xtask compare --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    options: Vec<OsString>,
}

pub(crate) fn command(compare: &Compare) -> Result<Outcome, Failure> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--release", "--locked", "--package", "compare", "--manifest-path"]);
    cargo.arg(root().join("compare").join("Cargo.toml")).arg("--").args(&compare.options);
    let status = cargo.status().map_err(|error| Failure::new(format!("cannot run cargo: {error}")))?;
    match status.code() {
        Some(0) => Ok(Outcome::clean("")),
        // It has said what is wrong.
        Some(code) => std::process::exit(code),
        None => Err(Failure::new("the comparison was interrupted")),
    }
}
