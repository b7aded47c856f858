//! One pass over the values of a tensor: [`TensorSummary`].

mod bit_histogram;
mod central_moments;
mod chunk;
mod grid;
mod hash;
mod lines;
mod number;
mod summary;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use chunk::{ChunkSummary, Scratch};
pub(crate) use grid::TensorGrid;
pub(crate) use summary::Measurement;

pub use bit_histogram::{BitHistogram, HistogramBin};
pub use central_moments::CentralMoments;
pub use lines::{ColumnTotals, Projection, RowTotals};
pub use summary::TensorSummary;
