//! `cargo xtask splice` renews the tables, figures and code between the markers of a document.
//!
//! A marker is a comment that holds a command; its output stands between the marker and the next `<!-- end -->`. There
//! are five kinds.
//!
//! **Artifacts of the lesson.** `--format markdown` shows each figure and each table in full:
//!
//! ```text
//! <!-- cargo xtask reproduce gradients --format markdown -->
//! ```
//!
//! `--format summary` is for a page that is a text: it shows the figure, the short table if the artifact has one, and a
//! link to the CSV file of the full table:
//!
//! ```text
//! <!-- cargo xtask reproduce audit --format summary -->
//! ```
//!
//! **Artifacts of the lecture**, which need its words: pass them with `splice --names PATH`. The marker always says
//! `names.txt`:
//!
//! ```text
//! <!-- cargo xtask reproduce makemore --names names.txt gains --format summary -->
//! ```
//!
//! **Figures of sweeps**, which take up to half a minute each:
//!
//! ```text
//! <!-- cargo xtask reproduce sweeps phase --format summary -->
//! ```
//!
//! **A report**, as text:
//!
//! ```text
//! <!-- cargo step-zero observe --scheme kaiming -->
//! <!-- cargo step-zero observe --recording tests/recordings/gpt2-4.safetensors -->
//! ```
//!
//! **An item of a source file**: the path, then the text with which the item begins (see `excerpt.rs`):
//!
//! ```text
//! <!-- code crates/autograd/src/tape.rs pub struct Tape -->
//! ```

use std::path::Path;

use clap::Parser;
use cli::{Failure, Format, Outcome, digits::same_text, document::END, files, shown};

use lessons::artifact::Artifact;
use lessons::lesson::Lesson;
use lessons::makemore::lecture::Lecture;
use lessons::makemore::names::Names;
use lessons::studies::sweeps::{self, SmallSweeps};
use lessons::{artifacts, makemore};
use step_zero::observe::{self, Observe};

use crate::excerpt;
use crate::options::Splice;
use crate::root::root;

const BEGIN: &str = "<!-- cargo xtask reproduce ";
const MAKEMORE: &str = "<!-- cargo xtask reproduce makemore --names names.txt ";
const SWEEPS: &str = "<!-- cargo xtask reproduce sweeps ";
const MARKDOWN: &str = " --format markdown -->";
const SUMMARY: &str = " --format summary -->";
const OBSERVE: &str = "<!-- cargo step-zero observe";
const CODE: &str = "<!-- code ";
const CLOSE: &str = " -->";

pub(crate) fn command(options: &Splice) -> Result<Outcome, Failure> {
    let of_workspace = root().join(&options.document);
    let here = options.document.exists() || !of_workspace.exists();
    let path = if here { options.document.clone() } else { of_workspace };
    let name = shown(&path);
    let text = String::from_utf8(files::read(&path, "name an existing document")?)
        .map_err(|_| Failure::new(format!("{name} is not UTF-8 text; name a Markdown document")))?;
    let lecture = options.names.as_deref().map(|path| lecture(path, options.any_names)).transpose()?;
    let fresh = renew(&text, lecture.as_ref()).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if options.check {
        let stale = !same_text(&text, &fresh);
        let verdict = if stale { "is stale: renew it with `cargo xtask splice`" } else { "is up to date." };
        return Ok(Outcome { text: format!("{name} {verdict}\n"), findings: stale });
    }
    let (Some(directory), Some(file)) = (path.parent(), path.file_name().and_then(|file| file.to_str()))
    else {
        return Err(Failure::new(format!("{name} is not the path of a file; name a Markdown document")));
    };
    files::write_all(directory, &[(file.to_owned(), fresh.into_bytes())])?;
    Ok(Outcome { text: format!("renewed {name}\n"), findings: false })
}

fn lecture(names: &Path, any: bool) -> Result<Lecture, Failure> {
    Lecture::new(&Names::read(Some(names), any)?, false).map_err(Failure::new)
}

/// The document with everything between its markers generated anew. The lecture's artifacts are computed from `lecture`.
///
/// # Errors
/// If a marker has no end, names an unknown artifact, or names one of the lecture's while `lecture` is `None`.
pub fn renew(document: &str, lecture: Option<&Lecture>) -> Result<String, Failure> {
    let (lesson, small) = (Lesson::original(), SmallSweeps::default());
    let mut fresh = String::with_capacity(document.len());
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        fresh += &format!("{line}\n");
        let location = format!("line {}", at + 1);
        let made = if let Some(rest) = line.strip_prefix(MAKEMORE) {
            makemore_artifacts(rest, lecture)
        } else if let Some(rest) = line.strip_prefix(SWEEPS) {
            sweeps(rest, &small)
        } else if let Some(rest) = line.strip_prefix(BEGIN) {
            artifacts(rest, &lesson)
        } else if let Some(rest) = line.strip_prefix(OBSERVE) {
            observed(rest)
        } else if let Some(rest) = line.strip_prefix(CODE) {
            code(rest)
        } else {
            continue;
        };
        fresh += &made.map_err(|error| Failure::new(format!("{location}: {error}")))?;
        if !lines.any(|(_, line)| line == END) {
            return Err(Failure::new(format!("{location}: no '{END}' follows this marker")));
        }
        fresh += &format!("\n{END}\n");
    }
    Ok(fresh)
}

/// The artifacts that a marker names, and the format that it ends in.
fn request(marker: &str) -> Result<(Vec<String>, Format), Failure> {
    let formats = [(MARKDOWN, Format::Markdown), (SUMMARY, Format::Summary)];
    let mut matches =
        formats.into_iter().filter_map(|(end, format)| Some((marker.strip_suffix(end)?, format)));
    let wrong = || Failure::new(format!("this marker must end in '{MARKDOWN}' or '{SUMMARY}'"));
    let (ids, format) = matches.next().ok_or_else(wrong)?;
    Ok((ids.split_whitespace().map(str::to_owned).collect(), format))
}

/// The lesson's artifacts that a marker names.
fn artifacts(marker: &str, lesson: &Lesson) -> Result<String, Failure> {
    let (ids, format) = request(marker)?;
    Ok(rendered(artifacts::CATALOGUE.chosen(&ids, false)?, lesson, format, "out/"))
}

/// The lecture's artifacts that a marker names.
fn makemore_artifacts(marker: &str, lecture: Option<&Lecture>) -> Result<String, Failure> {
    let (ids, format) = request(marker)?;
    let chosen = makemore::artifacts::CATALOGUE.chosen(&ids, false)?;
    let lecture =
        lecture.ok_or_else(|| Failure::new("the lecture's artifacts need its words: add --names PATH"))?;
    Ok(rendered(chosen, lecture, format, "out/makemore/"))
}

/// The figures of sweeps that a marker names.
fn sweeps(marker: &str, small: &SmallSweeps) -> Result<String, Failure> {
    let (ids, format) = request(marker)?;
    Ok(rendered(sweeps::CATALOGUE.chosen(&ids, false)?, small, format, "out/sweeps/"))
}

fn rendered<L>(artifacts: Vec<&Artifact<L>>, of: &L, format: Format, link: &str) -> String {
    let text = |artifact: &Artifact<L>| {
        let output = (artifact.run)(of);
        match format {
            Format::Summary => artifact.summary(&output, link),
            _ => artifact.markdown(&output, link),
        }
    };
    artifacts.into_iter().map(|artifact| format!("\n{}", text(artifact))).collect()
}

/// The text that `observe` prints with a marker's options. An option's value may be in double quotes.
fn observed(marker: &str) -> Result<String, Failure> {
    let options = marker
        .strip_suffix(CLOSE)
        .ok_or_else(|| Failure::new(format!("this marker must end in '{CLOSE}'")))?;
    let quoted = options.split('"').enumerate();
    let words = quoted.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    let line = std::iter::once("observe".to_owned()).chain(words);
    let mut options = Observed::try_parse_from(line).map_err(|e| Failure::usage(&e))?.options;
    // A marker's paths are those of the repository, wherever the command runs.
    options.recording.iter_mut().for_each(|path| *path = root().join(&*path));
    Ok(format!("\n```text\n{}```\n", observe::text(&options)?))
}

/// The options of a marker, parsed as a command line.
#[derive(Parser)]
#[command(name = "observe")]
struct Observed {
    #[command(flatten)]
    options: Observe,
}

/// The item of a source file that a marker names.
fn code(marker: &str) -> Result<String, Failure> {
    let named = marker.strip_suffix(CLOSE).and_then(|marker| marker.split_once(' '));
    let wrong = || Failure::new(format!("a code marker has the form '{CODE}PATH START OF ITEM{CLOSE}'"));
    let (path, start) = named.ok_or_else(wrong)?;
    Ok(format!("\n{}", excerpt::block(path, start)?))
}

/// Returns whether a document agrees with the output of its markers' commands to three significant digits.
///
/// # Errors
/// As [`renew`].
pub fn is_fresh(document: &str) -> Result<bool, Failure> {
    Ok(same_text(document, &renew(document, None)?))
}

/// The path of a document in `docs`.
pub fn document(name: &str) -> std::path::PathBuf {
    root().join("docs").join(name)
}

#[cfg(test)]
mod tests {
    use super::{is_fresh, renew};

    fn page(command: &str) -> String {
        format!("<!-- cargo xtask reproduce {command} -->\nold\n<!-- end -->\n")
    }

    #[test]
    fn a_summary_links_the_table_that_markdown_shows() {
        let full = renew(&page("gradients --format markdown"), None).unwrap();
        assert!(full.contains("| W4 ") && !full.contains("gradients.csv"), "{full}");
        let summary = renew(&page("gradients --format summary"), None).unwrap();
        let link = "![Gradient flow: mean |gradient| of each weight, random and Kaiming init](out/gradients.svg)\n\n\
                    All 4 rows: [gradients.csv](out/gradients.csv).\n";
        assert!(summary.contains(link) && !summary.contains("| W4 "), "{summary}");
        assert!(is_fresh(&summary).unwrap());
        assert!(!is_fresh(&summary.replace("All 4 rows", "All 5 rows")).unwrap());
    }

    #[test]
    fn a_line_has_no_table_to_link() {
        let body = |format| renew(&page(&format!("dataset --format {format}")), None).unwrap();
        assert_eq!(body("summary"), body("markdown").replace("--format markdown", "--format summary"));
    }

    #[test]
    fn a_marker_of_another_format_is_refused() {
        for command in ["dataset --format text", "dataset --format json", "dataset"] {
            let refused = renew(&page(command), None).unwrap_err().to_string();
            let expected =
                "line 1: this marker must end in ' --format markdown -->' or ' --format summary -->'";
            assert_eq!(refused, expected, "{command}");
        }
    }
}
