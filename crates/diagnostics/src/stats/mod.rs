//! Statistics of plain slices, each in one file. Everything here is a function of its arguments.

mod binning;
mod counting;
mod geometry;
mod growth;
mod histogram;
mod joint_bins;
mod merge;
mod moments;
mod power_of_two;
mod quantiles;
mod range;
mod units;
mod updates;
mod values;

pub use binning::Binning;
pub(crate) use binning::PreparedBinning;
pub use geometry::{Geometry, Spectrum};
pub use growth::Flow;
pub use histogram::Histogram;
pub use merge::MergeError;
pub use moments::Summary;
pub use quantiles::Quantiles;
pub(crate) use units::saturation_ends;
pub use units::{UnitCounts, UnitMap};
pub use updates::{Updates, update_ratio};
pub use values::ValueStatistics;
