//! Files of weights: what each tensor was drawn from, and whether it is what its rules promise.

mod expected_draw;
mod files;
mod identify;
mod judge;
mod measure;
mod report;
mod rules;
mod shipped;
mod tensor_info;
#[cfg(test)]
mod testing;

pub use expected_draw::{ExpectedDraw, ExpectedPart};
pub use files::{Checkpoint, CheckpointError, MeasureOptions, config_beside};
pub use identify::{
    DrawnFamily, DrawnValues, FamilyFit, GroupKind, Identification, IdentifiedRule, IdentifiedTensor,
    SchemeFit, SeedMatch, TensorGroup, TensorOrigin, UnknownReason,
};
pub use judge::{
    CheckKind, CheckedFile, CheckedTensor, FALSE_ALARMS, TensorFinding, grouped_findings, judge_replicas,
    judge_shards, judge_tensors,
};
pub use measure::{
    BitHistogram, CentralMoments, ColumnTotals, HistogramBin, Projection, RowTotals, TensorSummary,
};
pub use report::{
    CheckError, CheckReport, ComparedFiles, ComparedTensor, Copies, IdentifyReport, Relation, SeedSearch,
};
pub use rules::{
    ConstantSource, Expectation, IgnoreRule, Mention, NamePattern, NameRule, NameRules, NamedConstant,
    ResolvedRules, RuleBlocks, RuleSettings, RulesError, TieRule, TiedGroup, UnusedRule,
};
pub use shipped::ShippedRules;
pub use tensor::suggestion;
pub use tensor_info::{Dtype, TensorInfo};

/// The examples of the README, which run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
