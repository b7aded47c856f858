//! Bad input and failing files, as one line each.

use std::fmt;

/// One line that says what is wrong, where, and what to do; the command ends with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure with this text. It stays one line: a line break or another control character, which the name of a file may
    /// have, is written as in Rust, such as `\n`.
    pub fn new(text: impl fmt::Display) -> Self {
        let mut line = String::new();
        for letter in text.to_string().chars() {
            if letter.is_control() { line.extend(letter.escape_default()) } else { line.push(letter) }
        }
        Self(line)
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

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_name_with_a_line_break_stays_on_one_line() {
        let failure = Failure::new("cannot read a\nb\u{1b}[31m/ü.toml");
        assert_eq!(failure.to_string(), r"cannot read a\nb\u{1b}[31m/ü.toml");
    }
}
