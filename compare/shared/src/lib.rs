//! The parts of the comparison that every program has in common: the [works](Work), the files that they are computed
//! from ([`data`]), and the [`protocol`] in which a program is asked and answers. [`serve`] is the whole of a program
//! but for its jobs.
//!
//! `compare/peers.py` says the same in Python.

pub mod data;
pub mod numbers;
pub mod protocol;
mod serve;
mod work;

pub use data::DataFiles;
pub use serve::{Job, serve};
pub use work::Work;

/// A result with any error: each framework has its own.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
