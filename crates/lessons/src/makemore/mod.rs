//! The lecture behind the lesson: makemore, part 3, "activations, gradients, `BatchNorm`".
//!
//! A [`run::Run`] is a network, its start and its training; [`run::Run::all`] has the lecture's. What they show are
//! artifacts, as the lesson's are.

pub mod artifacts;
mod brief;
mod checkpoint;
mod colours;
pub mod command;
pub mod corpus;
pub mod interrupt;
pub mod lecture;
pub mod names;
pub mod options;
pub mod published;
pub mod run;
pub mod run_figures;
pub mod run_report;
pub mod samples;
mod single;
pub mod stability;
pub mod studies;
pub mod training;
mod watch;
