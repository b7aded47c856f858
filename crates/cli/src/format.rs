//! The formats that every command can print.

use clap::ValueEnum;

/// The format of what a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For the terminal.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
}
