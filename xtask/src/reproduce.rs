//! `cargo xtask reproduce`.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::json;

use crate::artifact::{Artifact, Output};
use crate::cli::{Format, Lecture, Reproduce};
use crate::fault::Fault;
use crate::lesson::Lesson;
use crate::paths::{root, shown};
use crate::table::Table;
use crate::{Outcome, artifacts, check, files, makemore, studies};

/// Columns that text is wrapped to: readable in most terminals, and the same everywhere.
const WIDTH: u16 = 110;

pub(crate) fn command(options: &Reproduce) -> Result<Outcome, Fault> {
    if let Some(Lecture::Makemore(options)) = &options.lecture {
        return makemore::command::command(options);
    }
    let chosen = chosen(&options.artifacts)?;
    if options.list {
        return Ok(Outcome { text: list(&chosen), moved: false });
    }
    let lesson = options.network.lesson()?;
    let directory = directory(options, &lesson);
    let outputs: Vec<(&Artifact, Output)> =
        chosen.into_par_iter().map(|artifact| (artifact, (artifact.run)(&lesson))).collect();
    if options.check {
        return checked(&outputs, &directory, options.format);
    }
    written(&outputs, &directory, options.format)
}

/// Writes the files of all outputs, and shows them.
pub(crate) fn written<L>(
    outputs: &[(&Artifact<L>, Output)],
    directory: &Path,
    format: Format,
) -> Result<Outcome, Fault> {
    let ids: Vec<(&str, &Output)> = outputs.iter().map(|(artifact, output)| (artifact.id, output)).collect();
    let files = |(id, output): (&str, &Output)| -> Vec<(String, Vec<u8>)> {
        output.files().into_iter().map(|(extension, bytes)| (format!("{id}.{extension}"), bytes)).collect()
    };
    // Figures are drawn side by side.
    let files: Vec<_> = ids.into_par_iter().flat_map_iter(files).collect();
    files::write_all(directory, &files)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    Ok(Outcome { text: render(outputs, format, &shown(directory), &names), moved: false })
}

/// The artifacts of these names in the lesson's order, then the studies; without names all artifacts, and no study.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Artifact>, Fault> {
    let all = || artifacts::ALL.iter().chain(studies::ALL);
    let known = |name: &&String| all().any(|artifact| artifact.id == **name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let ids: Vec<&str> = all().map(|artifact| artifact.id).collect();
        return Err(Fault::new(format!("no artifact is named '{unknown}'; there are {}", ids.join(", "))));
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
        studies.map(|study| format!("{:<20} {} (seconds; by name only)\n", study.id, study.title)).collect();
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

/// Compares all outputs with their committed files.
pub(crate) fn checked<L>(
    outputs: &[(&Artifact<L>, Output)],
    directory: &Path,
    format: Format,
) -> Result<Outcome, Fault> {
    let mut moved = check::nothing_moved();
    for (artifact, output) in outputs {
        check::compare(artifact, output, directory, &mut moved)?;
    }
    let cells = moved.records().len();
    let place = shown(directory);
    let verdict = match cells {
        0 => format!("{} artifacts agree with {place} to three significant digits.", outputs.len()),
        1 => format!("1 value of {place} moved in its first three significant digits."),
        _ => format!("{cells} values of {place} moved in their first three significant digits."),
    };
    let table = |moved: &Table| match (format, cells) {
        (Format::Json, _) => format!("{}\n", json!({ "moved": moved.json(), "verdict": verdict })),
        (_, 0) => format!("{verdict}\n"),
        (Format::Text, _) => format!("{}\n{verdict}\n", moved.text(WIDTH)),
        (Format::Markdown, _) => format!("{}\n\n{verdict}\n", moved.markdown()),
    };
    Ok(Outcome { text: table(&moved), moved: cells > 0 })
}

fn render<L>(outputs: &[(&Artifact<L>, Output)], format: Format, place: &str, names: &[&str]) -> String {
    match format {
        Format::Text => {
            let parts: String =
                outputs.iter().map(|(artifact, output)| artifact.text(output, WIDTH)).collect();
            format!("{parts}\n{}", placed(place, names))
        }
        Format::Markdown => {
            let link = format!("{place}/");
            let part = |(artifact, output): &(&Artifact<L>, Output)| {
                format!("## {}\n\n{}\n", artifact.title, artifact.markdown(output, &link))
            };
            outputs.iter().map(part).collect()
        }
        Format::Json => {
            let artifacts: Vec<_> = outputs.iter().map(|(artifact, output)| artifact.json(output)).collect();
            format!("{:#}\n", json!({ "artifacts": artifacts, "directory": place, "files": names }))
        }
    }
}

/// Where the files are, figures first.
fn placed(place: &str, names: &[&str]) -> String {
    let (data, figures): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| name.ends_with(".csv"));
    let lines = [("figures", figures), ("tables", data)].into_iter().filter(|(_, names)| !names.is_empty());
    let line = |(what, names): (&str, Vec<&str>)| format!("{what} in {place}: {}\n", names.join(", "));
    lines.map(line).collect()
}
