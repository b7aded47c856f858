//! Bad input and failing files.

use std::fmt;

use clap::error::ErrorKind;

/// One line that says what is wrong, where, and what to do; the command ends with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// clap's report as one line: the first, with its list of possible values, and where to look.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Fault::new("name a command: reproduce, observe, splice or compare; see --help");
        }
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or("bad command line").trim_start_matches("error: ").to_owned();
        let more = lines.find(|line| line.starts_with("[possible values") || line.starts_with('<'));
        let more = more.map(|line| format!(" {line}")).unwrap_or_default();
        Fault::new(format!("{first}{more}; see --help"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}
