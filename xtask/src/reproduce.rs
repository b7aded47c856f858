//! `cargo xtask reproduce`: the front door to the artifacts of the lesson, of the lecture and of sweeps.

use cli::{Failure, Outcome};
use lessons::artifacts::CATALOGUE;
use lessons::makemore;
use lessons::studies::sweeps;

use crate::options::{Reproduce, ReproduceOf};
use crate::root::root;

pub(crate) fn command(options: &Reproduce) -> Result<Outcome, Failure> {
    match &options.of {
        Some(ReproduceOf::Makemore(options)) => makemore::command::command(options, &root()),
        Some(ReproduceOf::Sweeps(options)) => sweeps::command(options, &root()),
        None => lesson(options),
    }
}

fn lesson(options: &Reproduce) -> Result<Outcome, Failure> {
    CATALOGUE.command(&options.artifacts, false, &root(), || {
        let lesson = options.network.lesson()?;
        let original = lesson.is_original();
        Ok((lesson, original))
    })
}
