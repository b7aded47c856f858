//! What artifacts computed: written, shown, or compared with what is committed.

use std::path::Path;

use rayon::prelude::*;
use serde_json::json;

use crate::artifact::{Artifact, Output};
use crate::check;
use cli::Failure;
use cli::Table;
use cli::shown;
use cli::{Format, Outcome, files};

/// Columns that text is wrapped to: readable in most terminals, and the same everywhere.
const WIDTH: u16 = 110;

/// The files of all outputs, drawn side by side.
pub fn drawn<L>(outputs: &[(&Artifact<L>, Output)]) -> Vec<(String, Vec<u8>)> {
    outputs.par_iter().flat_map_iter(|(artifact, output)| output.files(artifact.id)).collect()
}

/// Writes the files of outputs, and shows them.
pub fn written<L>(
    outputs: &[(&Artifact<L>, Output)],
    files: &[(String, Vec<u8>)],
    directory: &Path,
    format: Format,
) -> Result<Outcome, Failure> {
    files::write_all(directory, files)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    Ok(Outcome { text: render(outputs, format, &shown(directory), &names), findings: false })
}

/// Compares all outputs with their committed files.
pub fn checked<L>(
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
