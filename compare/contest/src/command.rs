//! `cargo xtask compare`.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::contest::{Plan, measure};
use super::data::Data;
use super::machine::machine;
use super::page::Page;
use super::programs::Setting;
use super::tables::Comparison;
use super::work::Work;
use cli::Outcome;
use cli::Failure;
use cli::files;
use cli::shown;
use crate::root;
use cli::document;

/// Time the same work here, in PyTorch, JAX, candle, burn and hand-written loops, in turns, and check that all
/// compute the same.
#[derive(Parser)]
#[command(name = "cargo xtask compare")]
pub(crate) struct Compare {
    /// Works to compare; all when none is named (see --list).
    #[arg(value_name = "WORK")]
    works: Vec<Work>,

    /// A Python with `pip install torch jax numpy`; who is not installed is left out [default: python3].
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,

    /// Build and run candle, burn and hand-written loops too, from compare/Cargo.toml; the first build takes minutes.
    #[arg(long)]
    peers: bool,

    /// Threads of every program.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,

    /// A few rounds each: a look, not a measurement.
    #[arg(long)]
    quick: bool,

    /// Where performance.md, CSV, SVG and PNG go [default: docs and docs/out for all works on one thread, else
    /// target/compare].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// List the works and do nothing else.
    #[arg(long)]
    list: bool,
}

/// The page and the marker below which it is renewed.
const PAGE: &str = "performance.md";
const MARKER: &str = "<!-- cargo xtask compare --peers -->";

pub(crate) fn command(options: &Compare) -> Result<Outcome, Failure> {
    if options.list {
        let line = |work: &Work| format!("{:<16} {}\n", work.to_string(), work.title());
        return Ok(Outcome { text: Work::all().iter().map(line).collect(), findings: false });
    }
    let page = compared(options)?;
    let place = place(options);
    let text = page.text(WIDTH);
    match &place {
        Place::Docs(docs) => {
            files::write_all(&docs.join("out"), &page.files())?;
            let document = String::from_utf8(files::read(&docs.join(PAGE), "restore it")?)
                .map_err(|_| Failure::new(format!("{PAGE} is not UTF-8; restore it")))?;
            let document = document::between(&document, MARKER, &format!("\n{}", page.markdown("out/")))?;
            files::write_all(docs, &[(PAGE.to_owned(), document.into_bytes())])?;
        }
        Place::Directory(directory) => {
            let document = (PAGE.to_owned(), page.markdown("").into_bytes());
            files::write_all(directory, &[vec![document], page.files()].concat())?;
        }
    }
    let (Place::Docs(directory) | Place::Directory(directory)) = &place;
    Ok(Outcome { text: format!("{text}\nwritten: {}\n", shown(&directory.join(PAGE))), findings: false })
}

const WIDTH: u16 = 120;

/// Where the page goes.
enum Place {
    /// Between the markers of the committed page, its files to `out` beside it.
    Docs(PathBuf),
    /// All of it.
    Directory(PathBuf),
}

/// The committed page has all works, all peers, one thread and full rounds.
fn place(options: &Compare) -> Place {
    let whole = options.works.is_empty() && options.peers && options.threads == 1 && !options.quick;
    match &options.out {
        Some(directory) => Place::Directory(directory.clone()),
        None if whole => Place::Docs(root().join("docs")),
        None => Place::Directory(scratch()),
    }
}

fn scratch() -> PathBuf {
    root().join("target").join("compare")
}

/// Starts everyone, and measures.
fn compared(options: &Compare) -> Result<Page, Failure> {
    let works = if options.works.is_empty() { Work::all() } else { options.works.clone() };
    let (data, threads) = (scratch().join("data"), usize::from(options.threads));
    Data::at(&data).write(&works)?;
    let machine = machine();
    let python = options.python.as_deref().unwrap_or(Path::new("python3"));
    let python = (python, options.python.is_some());
    let mut started = Setting { data: &data, threads, python, rust: options.peers }.start()?;
    let plan = if options.quick { Plan::QUICK } else { Plan::FULL };
    let measured = measure(&mut started.entrants, &works, plan)?;
    let names = started.entrants.iter().map(|entrant| entrant.name).collect();
    let comparison = Comparison { names, rows: measured.rows, threads };
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
