//! Tests of the tape, its ops and the gradient check.

mod check;
mod compositions;
mod derivatives;
mod golden;
mod gradients;
mod graph;
mod listed;
mod ops_duals;
mod ops_values;
mod pytorch;
mod random_graphs;
mod recorded;
mod recycling;
mod special;
mod sums;
mod tape;
