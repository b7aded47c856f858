//! Our side: each work through the public interface, with what it computes from at hand.

mod ensemble;
mod fma;
mod networks;
mod values;

use std::path::Path;

use super::data::Data;
use super::work::Work;
use cli::Failure;

/// A work that has all it needs.
pub(super) trait Job {
    /// Does it once; this is what is timed.
    fn round(&mut self);
    /// Numbers of what the last round computed.
    fn gave(&self) -> Vec<f64>;
}

/// Makes a work ready from the files of a directory.
pub(super) fn prepare(work: Work, directory: &Path) -> Result<Box<dyn Job>, Failure> {
    let data = Data::at(directory);
    Ok(match work {
        Work::Fma => Box::new(fma::Fma::default()),
        Work::Step(width, depth) => Box::new(networks::Step::read(&data, width, depth)?),
        Work::Forward(width, depth) => Box::new(networks::Forward::read(&data, width, depth)?),
        Work::Train => Box::new(networks::Train::read(&data)?),
        Work::Ensemble(seeds, threads) => Box::new(ensemble::Ensemble::new(seeds, threads)?),
        Work::Normals => Box::new(values::Draw::normals()),
        Work::Uniforms => Box::new(values::Draw::uniforms()),
        Work::Tanh => Box::new(values::Tanh::read(&data)?),
        Work::Statistics => Box::new(values::Statistics::read(&data)?),
        Work::Product(side) => Box::new(values::Product::read(&data, side)?),
    })
}
