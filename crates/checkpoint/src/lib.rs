//! Files of weights: what each tensor was drawn from, and whether it is what its rules promise.

mod measure;
mod tensor_info;

pub use measure::{
    BitHistogram, CentralMoments, ColumnTotals, HistogramBin, Projection, RowTotals, TensorSummary,
};
pub use tensor_info::{Dtype, TensorInfo};
