//! `cargo xtask compare`.

use std::path::{Path, PathBuf};

use clap::Parser;
use cli::{Failure, Outcome, document, files, shown};
use shared::Work;

use crate::contest::{Plan, measure};
use crate::data;
use crate::machine::machine;
use crate::page::{NAME, Page, drawn};
use crate::programs::Launch;
use crate::root;
use crate::tables::TimeComparison;

/// Time the same work here, in PyTorch, JAX, candle, burn and hand-written loops, in turns, and check that all
/// compute the same.
#[derive(Parser)]
#[command(name = "cargo xtask compare", bin_name = "cargo xtask compare")]
pub(crate) struct CompareOptions {
    /// Works to compare; all if none is named (see --list).
    #[arg(value_name = "WORK")]
    works: Vec<Work>,

    /// A Python with torch, jax and numpy; packages that are not installed are left out [default: python3].
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,

    /// Build and run candle, burn and hand-written loops too; the first build takes several minutes.
    #[arg(long)]
    peers: bool,

    /// Threads of every program.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,

    /// Take a few short turns only: a quick look, not a measurement.
    #[arg(long)]
    quick: bool,

    /// Directory for performance.md, CSV, SVG and PNG [default: docs and docs/out for all works and peers on one thread,
    /// target/compare otherwise].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Measure nothing: draw the committed figure again, from the committed record.
    #[arg(long, conflicts_with_all = ["works", "python", "peers", "threads", "quick", "out"])]
    redraw: bool,

    /// List the works and exit.
    #[arg(long)]
    list: bool,
}

/// The page, and the marker below which it is generated.
const PAGE: &str = "performance.md";
const MARKER: &str = "<!-- cargo xtask compare --peers -->";

pub(crate) fn command(options: &CompareOptions) -> Result<Outcome, Failure> {
    if options.list {
        let line = |work: &Work| format!("{:<16} {}\n", work.to_string(), work.title());
        return Ok(Outcome::clean(Work::all().iter().map(line).collect::<String>()));
    }
    if options.redraw {
        let out = root().join("docs").join("out");
        let record = files::read(&out.join(format!("{NAME}.csv")), "restore it")?;
        files::write_all(&out, &drawn(&String::from_utf8_lossy(&record)))?;
        return Ok(Outcome::clean(format!("written: {NAME}.svg and {NAME}.png in {}\n", shown(&out))));
    }
    let page = compare(options)?;
    let destination = destination(options);
    let text = page.text(WIDTH);
    match &destination {
        Destination::Docs(docs) => {
            files::write_all(&docs.join("out"), &page.files())?;
            let document = String::from_utf8(files::read(&docs.join(PAGE), "restore it")?)
                .map_err(|_| Failure::new(format!("{PAGE} is not UTF-8; restore it")))?;
            let document = document::between(&document, MARKER, &format!("\n{}", page.markdown("out/")))?;
            files::write_all(docs, &[(PAGE.to_owned(), document.into_bytes())])?;
        }
        Destination::Directory(directory) => {
            let document = (PAGE.to_owned(), page.markdown("").into_bytes());
            files::write_all(directory, &[vec![document], page.files()].concat())?;
        }
    }
    let (Destination::Docs(directory) | Destination::Directory(directory)) = &destination;
    Ok(Outcome::clean(format!("{text}\nwritten: {}\n", shown(&directory.join(PAGE)))))
}

const WIDTH: u16 = 120;

/// The place that the page is written to.
enum Destination {
    /// The page between the markers of the committed one, its files in `out` beside it.
    Docs(PathBuf),
    /// The page and its files.
    Directory(PathBuf),
}

/// The committed page has all works, all peers, one thread and full rounds.
fn destination(options: &CompareOptions) -> Destination {
    let whole = options.works.is_empty() && options.peers && options.threads == 1 && !options.quick;
    match &options.out {
        Some(directory) => Destination::Directory(directory.clone()),
        None if whole => Destination::Docs(root().join("docs")),
        None => Destination::Directory(scratch()),
    }
}

fn scratch() -> PathBuf {
    root().join("target").join("compare")
}

/// Starts every program, and measures.
fn compare(options: &CompareOptions) -> Result<Page, Failure> {
    let works = if options.works.is_empty() { Work::all() } else { options.works.clone() };
    let (directory, threads) = (scratch().join("data"), usize::from(options.threads));
    data::write(&directory, &works)?;
    let machine = machine();
    let python = options.python.as_deref().unwrap_or(Path::new("python3"));
    let python = (python, options.python.is_some());
    let mut started = Launch { data: &directory, threads, python, rust: options.peers }.start()?;
    let plan = if options.quick { Plan::QUICK } else { Plan::FULL };
    let measured = measure(&mut started.entrants, &works, plan)?;
    let names = started.entrants.iter().map(|entrant| entrant.name).collect();
    let comparison = TimeComparison { names, works: measured.works, threads };
    let notes = [started.notes, measured.notes].concat();
    Ok(Page { comparison, machine, versions: started.versions, notes })
}

#[cfg(test)]
mod tests {
    use super::{MARKER, PAGE, document, root};

    #[test]
    fn the_committed_page_has_its_marker() {
        let page = std::fs::read_to_string(root().join("docs").join(PAGE)).unwrap();
        assert!(document::between(&page, MARKER, "\n").is_ok());
    }
}
