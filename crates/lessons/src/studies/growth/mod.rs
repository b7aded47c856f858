//! How fast a small difference between two runs grows in training, and what foretells it.

mod distance;
mod foretold;
mod look;
mod pair;
pub(super) mod ranks;
mod runs;

pub(super) use distance::ARTIFACT as DISTANCE;
pub(super) use foretold::ARTIFACT as FORETOLD;
pub(super) use runs::ARTIFACT as RUNS;
