//! `cargo xtask reproduce`.

use std::path::PathBuf;

use rayon::prelude::*;

use cli::{Failure, Outcome};
use lessons::artifact::Artifact;
use lessons::lesson::Lesson;
use lessons::outputs::{checked, written};
use lessons::{artifacts, studies};

use crate::options::Reproduce;
use crate::root::root;

pub(crate) fn command(options: &Reproduce) -> Result<Outcome, Failure> {
    let chosen = chosen(&options.artifacts)?;
    if options.list {
        return Ok(Outcome { text: list(&chosen), findings: false });
    }
    let lesson = options.network.lesson()?;
    let directory = directory(options, &lesson);
    let produce = |artifact: &'static Artifact| {
        let output = (artifact.run)(&lesson);
        // Figures are drawn beside the audit, which takes longest.
        let files = if options.check { Vec::new() } else { output.files(artifact.id) };
        ((artifact, output), files)
    };
    let (outputs, files): (Vec<_>, Vec<_>) = chosen.into_par_iter().map(produce).unzip();
    if options.check {
        return checked(&outputs, &directory, options.format);
    }
    let files: Vec<_> = files.into_iter().flatten().collect();
    written(&outputs, &files, &directory, options.format)
}

/// The artifacts of these names in the lesson's order, then the studies; without names all artifacts, and no study.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Artifact>, Failure> {
    let all = || artifacts::ALL.iter().chain(studies::ALL);
    let known = |name: &&String| all().any(|artifact| artifact.id == **name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let ids: Vec<&str> = all().map(|artifact| artifact.id).collect();
        return Err(Failure::new(format!("no artifact is named '{unknown}'; there are {}", ids.join(", "))));
    }
    if names.is_empty() {
        return Ok(artifacts::ALL.iter().collect());
    }
    Ok(all().filter(|artifact| names.iter().any(|name| name == artifact.id)).collect())
}

fn list(artifacts: &[&Artifact]) -> String {
    let line = |artifact: &Artifact| format!("{:<20} {}\n", artifact.id, artifact.title);
    let studies =
        studies::ALL.iter().filter(|study| !artifacts.iter().any(|artifact| artifact.id == study.id));
    let more: String =
        studies.map(|study| format!("{:<20} {} (a minute; by name only)\n", study.id, study.title)).collect();
    artifacts.iter().map(|artifact| line(artifact)).collect::<String>() + &more
}

/// The committed record is only ever overwritten by the lesson itself.
fn directory(options: &Reproduce, lesson: &Lesson) -> PathBuf {
    match &options.out {
        Some(directory) => directory.clone(),
        None if options.check || lesson.is_original() => root().join("docs").join("out"),
        None => root().join("target").join("reproduce"),
    }
}
