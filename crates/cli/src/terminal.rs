//! The properties of the terminal that a command prints to.

use std::io::{self, IsTerminal};

use diagnostics::Style;

/// The style of reports on standard output: coloured if it is a terminal and `NO_COLOR` is not set.
pub fn style() -> Style {
    Style::of(io::stdout().is_terminal(), std::env::var_os("NO_COLOR").as_deref())
}
