//! `cargo xtask compare`: the same work here and in other people's programs, in turns.
//!
//! Every program is a child process that speaks one [`protocol`]: ours too, so that nobody is measured by other means.
//! What all compute from is written to files first ([`data`]); each answer carries numbers of its result, and a program
//! whose numbers are not ours ends the comparison ([`agree`]). Medians, ratios and the floor become a page.
//!
//! A new piece of work is a variant of [`work::Work`], an arm in `ours`, and a method in `compare/peers.py`; a new
//! program is a line of `programs`.

pub mod agree;
mod command;
pub mod contest;
pub mod data;
mod figure;
mod machine;
mod ours;
mod page;
mod peer;
mod programs;
pub mod protocol;
mod serve;
mod tables;
pub mod work;

pub(crate) use command::{Compare, command};
pub(crate) use serve::{Serve, command as serve};
