//! The one error of files of weights.

use std::fmt;
use std::path::Path;

/// A file that cannot be read, is damaged, or is of a kind that is not read: one line that says which file, what is wrong
/// with it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointError(String);

impl CheckpointError {
    pub(crate) fn of(path: &Path, what: impl fmt::Display) -> Self {
        Self(format!("{}: {what}", plain(&path.to_string_lossy(), 1000)))
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CheckpointError {}

/// The longest name that an error prints whole.
const LONGEST: usize = 100;

/// A name from a file, fit for a line on a terminal: in backticks, without control characters, and not too long.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", plain(name, LONGEST))
}

/// A parser's reason, fit for a line.
pub(crate) fn reason(why: &impl fmt::Display) -> String {
    plain(&why.to_string(), 2 * LONGEST)
}

/// A text of at most `longest` characters with its control characters escaped.
fn plain(text: &str, longest: usize) -> String {
    let mut plain = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == longest {
            plain.push('…');
            break;
        }
        // Controls, and what turns the direction of a line around.
        if c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
        {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_one_short_line() {
        assert_eq!(quoted("h.0\n\u{1b}[31m"), "`h.0\\u{a}\\u{1b}[31m`");
        assert_eq!(quoted(&"é".repeat(1000)).chars().count(), LONGEST + 3);
        assert_eq!(CheckpointError::of(Path::new("a\nb"), "no").to_string(), "a\\u{a}b: no");
    }
}
