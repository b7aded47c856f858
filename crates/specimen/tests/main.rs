//! Tests of curvature, and of the allocations of a training loop.

mod curvature;
mod recycling;
