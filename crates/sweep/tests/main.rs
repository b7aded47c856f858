//! Tests of plans, shards and their merging; those of cells are among the workspace's, as they need the engine.

mod deal;
mod documents;
mod plans;
mod schema;
mod shards;

use sweep::SweepPlan;

/// A plan of 3 × 2 × 2 cells that takes milliseconds.
pub(crate) const SMALL: &str = "version = 1
measure = ['loss@6', 'gradient_growth', 'chi_1']
[axes]
gain = [0.5, 1.5, 4]
activation = ['tanh', 'relu']
seed = { count = 2 }
[fixed]
width = 6
depth = 3
[train]
sgd = 0.1
steps = 6
";

pub(crate) fn small() -> SweepPlan {
    SweepPlan::parse(SMALL).unwrap()
}
