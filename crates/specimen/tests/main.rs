//! Tests of Adam, of curvature, of the growth of differences, and of the allocations of a training loop.

mod adam;
mod curvature;
mod growth;
mod recycling;
mod reference;
