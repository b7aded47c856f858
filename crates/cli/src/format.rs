//! The formats that every command can print.

use clap::ValueEnum;

/// The format of what a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For the terminal.
    Text,
    /// For a document.
    Markdown,
    /// For a document: figures, short tables, and a link to the CSV file of each full table.
    Summary,
    /// For a program: one JSON document.
    Json,
}
