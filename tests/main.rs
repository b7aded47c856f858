//! Claims that cross crates, in one binary.

mod architecture;
mod comparison;
mod exercises;
mod explore;
mod first_build;
mod front_pages;
mod gradients;
mod lesson;
mod makemore;
mod pytorch;
mod recordings;
mod scaling;
mod standalone;
mod sweep_cells;
mod sweep_exercises;
mod verdicts;
