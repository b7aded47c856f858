//! `cargo xtask compare`: forwards to the workspace in compare/, which the default build leaves out.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
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

/// The name of the program that is forwarded to.
const PROGRAM: &str = "compare";

pub(crate) fn command(compare: &Compare) -> Result<Outcome, Failure> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--locked", "--package", PROGRAM, "--manifest-path"]);
    cargo.arg(root().join("compare").join("Cargo.toml"));
    let own = std::env::current_exe().map_err(|error| Failure::new(format!("cannot find xtask: {error}")))?;
    // Next to xtask, where the libraries below both are built already.
    if let Some(target) = own.ancestors().nth(2) {
        cargo.arg("--target-dir").arg(target);
        announce(target);
    }
    let status = cargo.arg("--quiet").arg("--").args(&compare.options).status();
    outcome(status.map_err(|error| Failure::new(format!("cannot run cargo: {error}")))?.code())
}

/// The outcome of the comparison by its exit code; other codes are cargo's.
fn outcome(code: Option<i32>) -> Result<Outcome, Failure> {
    match code {
        Some(0) => Ok(Outcome::clean("")),
        Some(1) => Ok(Outcome::new("", true)),
        Some(2) => Err(Failure::reported()),
        Some(_) => Err(Failure::new("the comparison cannot be built; cargo says why above")),
        None => Err(Failure::new("the comparison was interrupted")),
    }
}

/// Says that the first use builds something, since nothing else is printed meanwhile.
fn announce(target: &Path) {
    let program = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    if !target.join("debug").join(program).exists() {
        let line = "building the comparison, once: about a minute after `cargo xtask reproduce`";
        // Nothing can be done about a closed stderr.
        _ = writeln!(io::stderr(), "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Outcome, outcome};

    #[test]
    fn exit_codes_pass_through_and_cargos_own_are_explained() {
        assert_eq!(outcome(Some(0)), Ok(Outcome::clean("")));
        assert_eq!(outcome(Some(1)), Ok(Outcome::new("", true)));
        assert_eq!(outcome(Some(2)), Err(Failure::reported()));
        let refused = |code| outcome(code).unwrap_err().to_string();
        assert!(refused(Some(101)).contains("cannot be built") && refused(None).contains("interrupted"));
    }
}
