//! `cargo xtask splice`: tables and figures between the markers of a document.
//!
//! A marker names the command that made what stands below it:
//!
//! ```text
//! <!-- cargo xtask reproduce gradients --format markdown -->
//! … generated …
//! <!-- end -->
//! ```

use std::path::Path;

use crate::cli::Splice;
use crate::digits::same_text;
use crate::fault::Fault;
use crate::lesson::Lesson;
use crate::paths::{root, shown};
use crate::reproduce::chosen;
use crate::{Outcome, files};

const BEGIN: &str = "<!-- cargo xtask reproduce ";
const FORMAT: &str = " --format markdown -->";
const END: &str = "<!-- end -->";

pub(crate) fn command(options: &Splice) -> Result<Outcome, Fault> {
    let of_workspace = root().join(&options.document);
    let here = options.document.exists() || !of_workspace.exists();
    let path = if here { options.document.clone() } else { of_workspace };
    let name = shown(&path);
    let text = String::from_utf8(files::read(&path, "name a document that exists")?)
        .map_err(|_| Fault::new(format!("{name} is not UTF-8; a document is text")))?;
    let fresh = renew(&text).map_err(|error| Fault::new(format!("{name}: {error}")))?;
    if options.check {
        let stale = !same_text(&text, &fresh);
        let verdict = if stale { "is stale: renew it with `cargo xtask splice`" } else { "is up to date." };
        return Ok(Outcome { text: format!("{name} {verdict}\n"), moved: stale });
    }
    let (Some(directory), Some(file)) = (path.parent(), path.file_name().and_then(|file| file.to_str()))
    else {
        return Err(Fault::new(format!("{name} is no file name")));
    };
    files::write_all(directory, &[(file.to_owned(), fresh.into_bytes())])?;
    Ok(Outcome { text: format!("renewed {name}\n"), moved: false })
}

/// The same document with what stands between its markers made anew.
///
/// # Errors
/// If a marker is not closed, or names no artifact.
pub fn renew(document: &str) -> Result<String, Fault> {
    let lesson = Lesson::original();
    let mut fresh = String::with_capacity(document.len());
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        fresh += &format!("{line}\n");
        let Some(rest) = line.strip_prefix(BEGIN) else { continue };
        let place = format!("line {}", at + 1);
        let Some(ids) = rest.strip_suffix(FORMAT) else {
            return Err(Fault::new(format!("{place}: a marker ends in '{FORMAT}'")));
        };
        let ids: Vec<String> = ids.split_whitespace().map(str::to_owned).collect();
        let artifacts = chosen(&ids).map_err(|error| Fault::new(format!("{place}: {error}")))?;
        for artifact in artifacts {
            fresh += &format!("\n{}", artifact.markdown(&(artifact.run)(&lesson), "out/"));
        }
        if !lines.any(|(_, line)| line == END) {
            return Err(Fault::new(format!("{place}: no '{END}' follows this marker")));
        }
        fresh += &format!("\n{END}\n");
    }
    Ok(fresh)
}

/// Whether a document says what its markers' commands say now, to three significant digits.
///
/// # Errors
/// As [`renew`].
pub fn is_fresh(document: &str) -> Result<bool, Fault> {
    Ok(same_text(document, &renew(document)?))
}

/// The lesson's document in the workspace.
pub fn lesson_document() -> std::path::PathBuf {
    root().join(Path::new("docs/lesson.md"))
}
