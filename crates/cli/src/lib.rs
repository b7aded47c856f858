//! Conventions that the project's programs share: tables, files, failures, progress and exit codes.
//!
//! A command is a function that returns an [`Outcome`] or a [`Failure`]; [`run`] parses the command line, prints the
//! outcome and turns it into an exit code: 0 if all is well, 1 if there were findings, 2 for bad input.
//!
//! ```
//! use clap::Parser;
//! use cli::{Failure, Outcome};
//!
//! /// Add two numbers.
//! #[derive(Parser)]
//! struct Add {
//!     a: f64,
//!     b: f64,
//! }
//!
//! let sum = |add: Add| Ok::<_, Failure>(Outcome::clean(format!("{}\n", add.a + add.b)));
//! let code = cli::run(["add", "1", "2"], sum); // prints 3
//! assert_eq!(code, std::process::ExitCode::SUCCESS);
//! ```
//!
//! **Scope.** Everything between a computed result and a terminal or a file. **Out of scope.** Computing results.

pub mod digits;
pub mod document;
mod failure;
pub mod files;
mod format;
mod outcome;
mod progress;
pub mod table;
mod terminal;

pub use failure::Failure;
pub use files::shown;
pub use format::Format;
pub use outcome::{Outcome, run};
pub use progress::Progress;
pub use table::{Cell, Table};
pub use terminal::style;
