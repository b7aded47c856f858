//! The time that one pass over files of weights takes: `measure [--threads N] FILES`, each of five passes on a line.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::num::NonZero;
use std::time::Instant;

use checkpoint::{Checkpoint, MeasureOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<_> = std::env::args().skip(1).collect();
    let threads = match paths.iter().position(|argument| argument == "--threads") {
        Some(at) => NonZero::new(paths.drain(at..at + 2).next_back().unwrap_or_default().parse()?),
        None => None,
    };
    let checkpoint = Checkpoint::open(&paths)?;
    let options = MeasureOptions { threads, ..MeasureOptions::default() };
    for _ in 0..5 {
        let start = Instant::now();
        let summaries = checkpoint.measure_with(&options, |_, _| ())?;
        let seconds = start.elapsed().as_secs_f64();
        let values: u64 = summaries.iter().flatten().map(|summary| summary.count).sum();
        println!("{values} values in {seconds:.3} s: {:.2} ns per value", seconds * 1e9 / values as f64);
    }
    Ok(())
}
