//! Files of weights: what each tensor was drawn from, and whether it is what its rules promise.

mod files;
mod measure;
mod tensor_info;

pub use files::{Checkpoint, CheckpointError, MeasureOptions};
pub use measure::{
    BitHistogram, CentralMoments, ColumnTotals, HistogramBin, Projection, RowTotals, TensorSummary,
};
pub use tensor_info::{Dtype, TensorInfo};
