//! `cargo run --manifest-path book/Cargo.toml` builds the book from docs/ into target/book, and checks it.
//!
//! The pages are what GitHub shows. On the way to mdBook, formulas become `MathML`, flowcharts SVG, and links to files outside docs/ become
//! plain text, so that the book is read without a network and without the repository. Afterwards every link, anchor and
//! image of the built pages must lead somewhere inside it, and nothing may be fetched from outside.

mod flowchart;
mod formulas;
mod pages;
mod repository;
mod source;

use std::path::Path;
use std::process::ExitCode;

use mdbook_driver::MDBook;
use mdbook_driver::errors::{Error, Result};

use crate::source::Chapters;

fn main() -> ExitCode {
    match build() {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the book and checks its pages.
///
/// # Errors
/// If a chapter has a formula or a link that cannot be shown, mdBook fails, or a built page has a dead link or needs the network.
fn build() -> Result<String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = home.join("../target/book");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut book = MDBook::load(home)?;
    book.with_preprocessor(Chapters);
    book.build()?;
    let font = "fonts/latinmodern-math.woff2";
    std::fs::copy(home.join(font), out.join(font))?;
    let checked = pages::check(&out)?;
    if checked.faults.is_empty() {
        let pages::Checked { pages, links, formulas, .. } = checked;
        return Ok(format!(
            "target/book: {pages} pages, {formulas} formulas, {links} links that lead somewhere"
        ));
    }
    Err(Error::msg(checked.faults.join("\n       ")))
}
