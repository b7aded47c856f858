//! `cargo xtask boundary`: the picture of a large sweep over gain and learning rate, from its merged table.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use cli::{Failure, Outcome, shown};
use lessons::studies::sweeps::BoundaryMap;

#[derive(Args)]
pub(crate) struct Boundary {
    /// The table of the sweep: table.csv in its folder, after `step-zero merge`.
    table: PathBuf,

    /// The picture: a file that ends in .png or .svg.
    picture: PathBuf,
}

pub(crate) fn command(options: &Boundary) -> Result<Outcome, Failure> {
    let (from, to) = (&options.table, &options.picture);
    let table = fs::read_to_string(from).map_err(|error| {
        Failure::new(format!("cannot read {}: {error}; merge the sweep first", shown(from)))
    })?;
    let figure = BoundaryMap::of_table(&table)?.figure();
    let bytes = match to.extension().and_then(|extension| extension.to_str()) {
        Some("png") => figure.png(),
        Some("svg") => figure.svg().into_bytes(),
        _ => return Err(Failure::new(format!("{} does not end in .png or .svg; rename it", shown(to)))),
    };
    cli::files::write(to, &bytes)?;
    Ok(Outcome::clean(format!("{}\n", shown(to))))
}
