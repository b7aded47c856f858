//! Claims that cross crates, in one binary.

mod pytorch;
