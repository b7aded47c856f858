//! `cargo xtask reproduce`: the front door to the lesson's artifacts.

use cli::{Failure, Outcome};
use lessons::artifacts::CATALOGUE;

use crate::options::Reproduce;
use crate::root::root;

pub(crate) fn command(options: &Reproduce) -> Result<Outcome, Failure> {
    CATALOGUE.command(&options.artifacts, false, &root(), || {
        let lesson = options.network.lesson()?;
        let original = lesson.is_original();
        Ok((lesson, original))
    })
}
