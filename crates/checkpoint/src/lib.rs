//! Files of weights: what each tensor was drawn from, and whether it is what its rules promise.

mod files;
mod identify;
mod judge;
mod measure;
mod tensor_info;

pub use files::{Checkpoint, CheckpointError, MeasureOptions};
pub use identify::{
    DrawnFamily, DrawnValues, FamilyFit, GroupKind, Identification, IdentifiedRule, IdentifiedTensor,
    SchemeFit, SeedMatch, TensorGroup, TensorOrigin, UnknownReason,
};
pub use judge::{
    CheckKind, CheckedFile, CheckedTensor, ExpectedDraw, ExpectedPart, FALSE_ALARMS, TensorFinding,
    grouped_findings, judge_replicas, judge_shards, judge_tensors,
};
pub use measure::{
    BitHistogram, CentralMoments, ColumnTotals, HistogramBin, Projection, RowTotals, TensorSummary,
};
pub use tensor_info::{Dtype, TensorInfo};
