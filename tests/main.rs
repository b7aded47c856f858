//! Claims that cross crates, in one binary.

mod architecture;
mod gradients;
mod lesson;
mod makemore;
mod pytorch;
mod standalone;
mod verdicts;
