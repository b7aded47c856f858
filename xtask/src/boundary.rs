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

    /// The title of the picture; without one, how many networks diverge and how many neighbours part.
    title: Option<String>,
}

pub(crate) fn command(options: &Boundary) -> Result<Outcome, Failure> {
    let (from, to) = (&options.table, &options.picture);
    let table = fs::read_to_string(from).map_err(|error| {
        Failure::new(format!("cannot read {}: {error}; merge the sweep first", shown(from)))
    })?;
    let map = BoundaryMap::of_table(&table)?;
    let figure = map.figure(&options.title.clone().unwrap_or_else(|| map.finding()));
    let bytes = match to.extension().and_then(|extension| extension.to_str()) {
        Some("png") => figure.png(),
        Some("svg") => figure.svg().into_bytes(),
        _ => return Err(Failure::new(format!("{} does not end in .png or .svg; rename it", shown(to)))),
    };
    cli::files::write(to, &bytes)?;
    Ok(Outcome::clean(format!("{}\n{}", shown(to), measured(&map))))
}

/// The share of the map that diverged, and the number of squares along its boundary, by their side.
fn measured(map: &BoundaryMap) -> String {
    let mut text = format!(
        "{:.1}% diverged; of {:.2}% of the pairs of neighbours, one did\nsquares with both, by their side:",
        100.0 * map.diverged(),
        100.0 * map.parted()
    );
    let boxes = map.boxes();
    for (at, (side, count)) in boxes.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| *count as f64 / boxes[before].1 as f64);
        let power = before.map_or(String::new(), |factor| format!(" (power {:.2})", factor.log2()));
        text += &format!("{} {side}: {count}{power}", if at == 0 { "" } else { "," });
    }
    text + "\n"
}
