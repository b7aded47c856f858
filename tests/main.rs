//! Claims that cross crates, in one binary.

mod architecture;
mod gradients;
mod lesson;
mod pytorch;
mod standalone;
mod verdicts;
