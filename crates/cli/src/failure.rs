//! Bad input and failing files, as one line each.

use std::fmt;

/// One line that says what is wrong, where, and what to do; the command ends with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure with this text, which should be one line.
    pub fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// A failure that another program has reported already: nothing more is printed.
    pub fn reported() -> Self {
        Self(String::new())
    }

    /// True if there is anything to print.
    pub(crate) fn is_reported(&self) -> bool {
        self.0.is_empty()
    }

    /// clap's report in one line: its first line, its list of possible values or of missing options, and a pointer to `--help`.
    pub fn usage(error: &clap::Error) -> Self {
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or("bad command line").trim_start_matches("error: ").to_owned();
        let is_list =
            |line: &&str| ["[possible values", "<", "--"].iter().any(|start| line.starts_with(start));
        let more = lines.find(is_list);
        let more = more.map(|line| format!(" {line}")).unwrap_or_default();
        Self::new(format!("{first}{more}; see --help"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
