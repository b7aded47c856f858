//! Claims that cross crates, in one binary.

mod lesson;
mod pytorch;
