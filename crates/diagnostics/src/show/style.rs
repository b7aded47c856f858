//! Colours, for terminals that want them.

/// The colouring of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// No escape codes.
    #[default]
    Plain,
    /// ANSI escape codes: red for verdicts and the rows that they are about, dim for headings.
    Ansi,
}

impl Style {
    /// Colours if the output is a terminal and `NO_COLOR` (<https://no-color.org>) does not forbid them, which it does if it
    /// is set and not empty.
    ///
    /// ```
    /// use diagnostics::Style;
    /// use std::io::IsTerminal;
    /// let style = Style::of(std::io::stdout().is_terminal(), std::env::var_os("NO_COLOR").as_deref());
    /// # assert_eq!(Style::of(false, None), Style::Plain);
    /// ```
    pub fn of(terminal: bool, no_color: Option<&std::ffi::OsStr>) -> Self {
        let wanted = no_color.is_none_or(std::ffi::OsStr::is_empty);
        if wanted && terminal { Self::Ansi } else { Self::Plain }
    }

    /// Text that reports a fault.
    pub fn alarm(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// A heading.
    pub fn heading(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}
