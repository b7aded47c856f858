//! The file of names: the user's to supply, and checked before anything is made of it.

use std::path::Path;

use cli::{Failure, files, shown};
use sha2::{Digest, Sha256};

/// SHA-256 of the lecture's names.txt: 32,033 words.
pub const SHA256: &str = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";

/// Where it comes from.
const SOURCE: &str = "names.txt of github.com/karpathy/makemore";

/// Words, and the sum of the file that they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The words, one per line of the file.
    pub words: Vec<String>,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl Names {
    /// Words of which no file is known.
    pub fn of(words: &[&str]) -> Self {
        let text: String = words.iter().map(|word| format!("{word}\n")).collect();
        Self { words: words.iter().map(|&word| word.to_owned()).collect(), sha256: sum(text.as_bytes()) }
    }

    /// Reads the file of `--names`; `any` takes another one than the lecture's.
    pub fn read(path: Option<&Path>, any: bool) -> Result<Self, Failure> {
        let get = format!("get {SOURCE} (sha256 {SHA256})");
        let Some(path) = path else {
            return Err(Failure::new(format!(
                "the lecture needs its names: {get} and name it with --names PATH"
            )));
        };
        let bytes = files::read(path, &get)?;
        let place = shown(path);
        let words = words(&bytes).map_err(|error| Failure::new(format!("{place}: {error}; {get}")))?;
        let sha256 = sum(&bytes);
        if sha256 != SHA256 && !any {
            return Err(Failure::new(format!(
                "{place} is not the lecture's: its sha256 is {sha256}; {get}, or add --any-names"
            )));
        }
        Ok(Self { words, sha256 })
    }

    /// Returns `true` for the lecture's own names.
    pub fn is_lectures(&self) -> bool {
        self.sha256 == SHA256
    }
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The words of a file, one per line, of the letters a to z.
///
/// # Errors
/// The first line that is not a word, and why.
fn words(bytes: &[u8]) -> Result<Vec<String>, String> {
    if bytes.is_empty() {
        return Err("line 1: there is no word".to_owned());
    }
    let mut words = Vec::new();
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|&byte| byte == b'\n');
    for (line, word) in (1..).zip(lines) {
        let wrong = |what: String| Err(format!("line {line}: {what}"));
        let Ok(word) = std::str::from_utf8(word) else {
            return wrong("it is not UTF-8".to_owned());
        };
        if word.ends_with('\r') {
            return wrong("it ends in CRLF: lines end in LF alone".to_owned());
        }
        if word.is_empty() {
            return wrong("it is empty".to_owned());
        }
        if let Some(letter) = word.chars().find(|letter| !letter.is_ascii_lowercase()) {
            return wrong(format!("'{}' is not a letter from a to z", letter.escape_debug()));
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn lines_are_words() {
        assert_eq!(words(b"emma\nava\n").unwrap(), ["emma", "ava"]);
        assert_eq!(words(b"emma\nava").unwrap(), ["emma", "ava"]);
    }

    #[test]
    fn what_is_malformed_has_its_line() {
        let refused = |bytes: &[u8]| words(bytes).unwrap_err();
        assert_eq!(refused(b""), "line 1: there is no word");
        assert_eq!(refused(b"\n"), "line 1: it is empty");
        assert_eq!(refused(b"emma\n\nava\n"), "line 2: it is empty");
        assert_eq!(refused(b"emma\r\nava\r\n"), "line 1: it ends in CRLF: lines end in LF alone");
        assert_eq!(refused(b"emma\nav\xff\n"), "line 2: it is not UTF-8");
        assert_eq!(refused(b"emma\nAva\n"), "line 2: 'A' is not a letter from a to z");
        assert_eq!(refused("emma\nzo\u{eb}\n".as_bytes()), "line 2: '\u{eb}' is not a letter from a to z");
        assert_eq!(refused(b"a b\n"), "line 1: ' ' is not a letter from a to z");
        assert_eq!(refused(b"a\tb\n"), "line 1: '\\t' is not a letter from a to z");
    }
}
