//! The rules, one file each, causes before consequences.

mod biased;
mod branch_unscaled;
mod constant_output;
mod dead_units;
mod duplicate_tensors;
mod embedding_scale;
mod few_examples;
mod flow;
mod half_precision_range;
mod norm_weight;
mod not_finite;
mod offset;
mod overconfident_logits;
mod rank_one;
mod rate_too_large;
mod saturated;
mod saturated_gates;
mod saturated_softmax;
mod squashed_logits;
mod stream_growth;
mod symmetric_units;
mod uninitialised_memory;
mod unnormalised_input;
mod wrong_distribution;
mod wrong_gain;
mod zero_gradient;

use super::Rule;

/// All rules, in the order in which they are asked.
pub(super) const ALL: &[&Rule] = &[
    &uninitialised_memory::RULE,
    &half_precision_range::RULE,
    &not_finite::RULE,
    &wrong_distribution::RULE,
    &duplicate_tensors::RULE,
    &symmetric_units::RULE,
    &offset::RULE,
    &rank_one::RULE,
    &norm_weight::RULE,
    &zero_gradient::RULE,
    &unnormalised_input::RULE,
    &embedding_scale::RULE,
    &stream_growth::RULE,
    &branch_unscaled::RULE,
    &saturated::RULE,
    &saturated_gates::RULE,
    &saturated_softmax::RULE,
    &wrong_gain::RULE,
    &dead_units::RULE,
    &biased::RULE,
    &constant_output::RULE,
    &flow::EXPLODING_ACTIVATIONS,
    &flow::VANISHING_ACTIVATIONS,
    &flow::EXPLODING_GRADIENTS,
    &flow::VANISHING_GRADIENTS,
    &squashed_logits::RULE,
    &overconfident_logits::RULE,
    &few_examples::RULE,
    &rate_too_large::RULE,
];
