//! Statistics of plain slices, each in one file. Everything here is a function of its arguments.

mod geometry;
mod growth;
mod histogram;
mod merge;
mod moments;
mod quantiles;
mod units;
mod updates;
mod values;

pub use geometry::{Geometry, Spectrum};
pub use growth::Flow;
pub(crate) use growth::student_quantile;
pub(crate) use histogram::PreparedBinning;
pub use histogram::{Binning, Histogram};
pub use merge::MergeError;
pub use moments::Summary;
pub(crate) use moments::ValueRange;
pub use quantiles::Quantiles;
pub(crate) use units::saturation_ends;
pub use units::{UnitCounts, UnitMap};
pub use updates::{Updates, update_ratio};
pub use values::ValueStatistics;
