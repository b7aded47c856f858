//! Artifacts computed side by side, then written and shown, or compared with the committed files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cli::{Failure, Format, Outcome, Table, files, shown};
use serde_json::json;

use crate::artifact::{Artifact, Output};
use crate::{check, page};

/// Columns that text is wrapped to: readable in most terminals, and the same everywhere.
const WIDTH: u16 = 110;

/// The files of one artifact: names and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// The page of all artifacts, which is not committed.
pub(crate) struct ArtifactPage {
    pub(crate) title: &'static str,
    pub(crate) directory: PathBuf,
}

/// Computes artifacts, draws their figures, writes their files and their page, and shows them. An artifact without rows has no files.
pub(crate) fn write<L: Sync>(
    artifacts: &[&Artifact<L>],
    source: &L,
    directory: &Path,
    page: &ArtifactPage,
    format: Format,
) -> Result<Outcome, Failure> {
    let made = side_by_side(artifacts, |artifact| {
        let output = (artifact.run)(source);
        let files = if output.table.has_rows() { output.files(artifact.id) } else { Files::new() };
        (output, files)
    });
    let (outputs, files): (Vec<_>, Vec<Files>) =
        artifacts.iter().zip(made).map(|(&artifact, (output, files))| ((artifact, output), files)).unzip();
    let outputs: Vec<_> = outputs.into_iter().filter(|(_, output)| output.table.has_rows()).collect();
    let files = files.concat();
    files::write_all(directory, &files)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = render(&outputs, format, &shown(directory), &names);
    if outputs.len() > 1 {
        let html = page::page(page.title, &outputs);
        files::write_all(&page.directory, &[(page::NAME.to_owned(), html.into_bytes())])?;
        if format == Format::Text {
            let place = shown(&page.directory.join(page::NAME));
            text += &format!("look first at {place}: every figure and table on one page\n");
        }
    }
    Ok(Outcome::clean(text))
}

/// Computes artifacts and compares them with their committed files.
pub(crate) fn check<L: Sync>(
    artifacts: &[&Artifact<L>],
    source: &L,
    directory: &Path,
    format: Format,
) -> Result<Outcome, Failure> {
    let outputs = side_by_side(artifacts, |artifact| (artifact.run)(source));
    let outputs: Vec<_> = artifacts.iter().copied().zip(outputs).collect();
    compared(&outputs, directory, format)
}

/// A function of each artifact, in their order, on as many threads as there are cores.
///
/// The threads are not rayon's: artifacts wait for observations that they share, and a thread of rayon's pool that waits
/// may be the one that has to finish them.
fn side_by_side<L: Sync, R: Send>(
    artifacts: &[&Artifact<L>],
    make: impl Fn(&Artifact<L>) -> R + Sync,
) -> Vec<R> {
    let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((at, artifact)) =
            Some(next.fetch_add(1, Relaxed)).and_then(|at| Some((at, artifacts.get(at)?)))
        {
            let result = make(artifact);
            made.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(work);
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_by_key(|&(at, _)| at);
    made.into_iter().map(|(_, result)| result).collect()
}

/// Compares outputs with their committed files.
fn compared<L>(
    outputs: &[(&Artifact<L>, Output)],
    directory: &Path,
    format: Format,
) -> Result<Outcome, Failure> {
    let mut moved = check::nothing_moved();
    for (artifact, output) in outputs {
        check::compare(artifact, output, directory, &mut moved)?;
    }
    let cells = moved.records().len();
    let place = shown(directory);
    let verdict = match cells {
        0 if outputs.len() == 1 => format!("1 artifact agrees with {place} to three significant digits."),
        0 => format!("{} artifacts agree with {place} to three significant digits.", outputs.len()),
        1 => format!("1 value of {place} moved in its first three significant digits."),
        _ => format!("{cells} values of {place} moved in their first three significant digits."),
    };
    let table = |moved: &Table| match (format, cells) {
        (Format::Json, _) => format!("{}\n", json!({ "moved": moved.json(), "verdict": verdict })),
        (_, 0) => format!("{verdict}\n"),
        (Format::Text, _) => format!("{}\n{verdict}\n", moved.text(WIDTH)),
        (Format::Markdown | Format::Summary, _) => format!("{}\n\n{verdict}\n", moved.markdown()),
    };
    Ok(Outcome { text: table(&moved), findings: cells > 0 })
}

fn render<L>(outputs: &[(&Artifact<L>, Output)], format: Format, place: &str, names: &[&str]) -> String {
    match format {
        Format::Text => {
            let parts: String =
                outputs.iter().map(|(artifact, output)| artifact.text(output, WIDTH)).collect();
            format!("{parts}\n{}", placed(place, names))
        }
        Format::Markdown | Format::Summary => {
            let link = format!("{place}/");
            let part = |(artifact, output): &(&Artifact<L>, Output)| {
                let body = match format {
                    Format::Summary => artifact.summary(output, &link),
                    _ => artifact.markdown(output, &link),
                };
                format!("## {}\n\n{body}\n", artifact.title)
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
