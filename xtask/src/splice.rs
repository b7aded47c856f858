//! `cargo xtask splice`: tables, figures and code between the markers of a document.
//!
//! A marker names the command that made what stands below it, or a source and how one of its items begins:
//!
//! ```text
//! <!-- cargo xtask reproduce gradients --format markdown -->
//! … generated …
//! <!-- end -->
//!
//! <!-- cargo xtask reproduce makemore --names names.txt splits --format markdown -->
//! … generated, if the command is given the names …
//! <!-- end -->
//!
//! <!-- cargo step-zero observe --scheme kaiming -->
//! … its text …
//! <!-- end -->
//!
//! <!-- code crates/autograd/src/tape.rs pub struct Tape -->
//! … the item …
//! <!-- end -->
//! ```

use std::path::Path;

use clap::Parser;

use cli::digits::same_text;
use cli::document::END;
use cli::{Failure, Outcome, files, shown};
use lessons::artifact::Artifact;
use lessons::lesson::Lesson;
use lessons::makemore::command;
use lessons::makemore::lecture::Lecture;
use lessons::makemore::names::Names;
use step_zero::observe::{self, Observe};

use crate::excerpt;
use crate::options::Splice;
use crate::reproduce::chosen;
use crate::root::root;

const BEGIN: &str = "<!-- cargo xtask reproduce ";
const MAKEMORE: &str = "<!-- cargo xtask reproduce makemore --names names.txt ";
const FORMAT: &str = " --format markdown -->";
const OBSERVE: &str = "<!-- cargo step-zero observe";
const CODE: &str = "<!-- code ";
const CLOSE: &str = " -->";

pub(crate) fn command(options: &Splice) -> Result<Outcome, Failure> {
    let of_workspace = root().join(&options.document);
    let here = options.document.exists() || !of_workspace.exists();
    let path = if here { options.document.clone() } else { of_workspace };
    let name = shown(&path);
    let text = String::from_utf8(files::read(&path, "name a document that exists")?)
        .map_err(|_| Failure::new(format!("{name} is not UTF-8; a document is text")))?;
    let lecture = options.names.as_deref().map(|path| lecture(path, options.any_names)).transpose()?;
    let fresh = renew(&text, lecture.as_ref()).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if options.check {
        let stale = !same_text(&text, &fresh);
        let verdict = if stale { "is stale: renew it with `cargo xtask splice`" } else { "is up to date." };
        return Ok(Outcome { text: format!("{name} {verdict}\n"), findings: stale });
    }
    let (Some(directory), Some(file)) = (path.parent(), path.file_name().and_then(|file| file.to_str()))
    else {
        return Err(Failure::new(format!("{name} is no file name")));
    };
    files::write_all(directory, &[(file.to_owned(), fresh.into_bytes())])?;
    Ok(Outcome { text: format!("renewed {name}\n"), findings: false })
}

fn lecture(names: &Path, any: bool) -> Result<Lecture, Failure> {
    Lecture::new(&Names::read(Some(names), any)?, false).map_err(Failure::new)
}

/// The same document with what stands between its markers made anew; the lecture's tables on these words.
///
/// # Errors
/// If a marker is not closed, names no artifact, or one of the lecture's where there are no words.
pub fn renew(document: &str, lecture: Option<&Lecture>) -> Result<String, Failure> {
    let lesson = Lesson::original();
    let mut fresh = String::with_capacity(document.len());
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        fresh += &format!("{line}\n");
        let place = format!("line {}", at + 1);
        let made = if let Some(rest) = line.strip_prefix(MAKEMORE) {
            makemore_artifacts(rest, lecture)
        } else if let Some(rest) = line.strip_prefix(BEGIN) {
            artifacts(rest, &lesson)
        } else if let Some(rest) = line.strip_prefix(OBSERVE) {
            observed(rest)
        } else if let Some(rest) = line.strip_prefix(CODE) {
            code(rest)
        } else {
            continue;
        };
        fresh += &made.map_err(|error| Failure::new(format!("{place}: {error}")))?;
        if !lines.any(|(_, line)| line == END) {
            return Err(Failure::new(format!("{place}: no '{END}' follows this marker")));
        }
        fresh += &format!("\n{END}\n");
    }
    Ok(fresh)
}

/// The names in a marker.
fn ids(marker: &str) -> Result<Vec<String>, Failure> {
    let ids = marker.strip_suffix(FORMAT);
    let ids = ids.ok_or_else(|| Failure::new(format!("a marker ends in '{FORMAT}'")))?;
    Ok(ids.split_whitespace().map(str::to_owned).collect())
}

/// What the artifacts of a marker show.
fn artifacts(marker: &str, lesson: &Lesson) -> Result<String, Failure> {
    Ok(shown_all(chosen(&ids(marker)?)?, lesson, "out/"))
}

/// What the lecture's artifacts of a marker show.
fn makemore_artifacts(marker: &str, lecture: Option<&Lecture>) -> Result<String, Failure> {
    let chosen = command::chosen(&ids(marker)?, false)?;
    let lecture =
        lecture.ok_or_else(|| Failure::new("the lecture's tables need its words: add --names PATH"))?;
    Ok(shown_all(chosen, lecture, "out/makemore/"))
}

fn shown_all<L>(artifacts: Vec<&Artifact<L>>, of: &L, link: &str) -> String {
    let shown = |artifact: &Artifact<L>| format!("\n{}", artifact.markdown(&(artifact.run)(of), link));
    artifacts.into_iter().map(shown).collect()
}

/// What `observe` prints with the options of a marker, which may be in quotes.
fn observed(marker: &str) -> Result<String, Failure> {
    let options =
        marker.strip_suffix(CLOSE).ok_or_else(|| Failure::new(format!("a marker ends in '{CLOSE}'")))?;
    let quoted = options.split('"').enumerate();
    let words = quoted.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    let line = std::iter::once("observe".to_owned()).chain(words);
    let options = Observed::try_parse_from(line).map_err(|e| Failure::usage(&e))?.options;
    Ok(format!("\n```text\n{}```\n", observe::text(&options)?))
}

/// A marker's options as a command line of their own.
#[derive(Parser)]
#[command(name = "observe")]
struct Observed {
    #[command(flatten)]
    options: Observe,
}

/// The item of a source that a marker names.
fn code(marker: &str) -> Result<String, Failure> {
    let named = marker.strip_suffix(CLOSE).and_then(|marker| marker.split_once(' '));
    let wrong = || Failure::new(format!("a marker of code is '{CODE}PATH START OF ITEM{CLOSE}'"));
    let (path, start) = named.ok_or_else(wrong)?;
    Ok(format!("\n{}", excerpt::block(path, start)?))
}

/// Whether a document says what its markers' commands say now, to three significant digits.
///
/// # Errors
/// As [`renew`].
pub fn is_fresh(document: &str) -> Result<bool, Failure> {
    Ok(same_text(document, &renew(document, None)?))
}

/// A document of the workspace, by its name below `docs`.
pub fn document(name: &str) -> std::path::PathBuf {
    root().join("docs").join(name)
}
