//! Tests of Adam, of curvature, of passes without a tape, of the growth of differences, and of the allocations of a training loop.

mod adam;
mod curvature;
mod direct;
mod growth;
mod recycling;
mod reference;
