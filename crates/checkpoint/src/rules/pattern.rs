//! Patterns over the names of tensors: `h.{i}.*.c_proj.weight`.

use std::fmt;

/// A pattern over names, which are segments with dots between them.
///
/// | part | stands for |
/// |---|---|
/// | `*` | any characters of one segment, none too |
/// | `**` | any number of segments, none too; it is a segment of its own |
/// | `{i}` | a number in digits, captured under the name `i` |
/// | anything else | itself |
///
/// ```
/// use checkpoint::NamePattern;
///
/// let pattern = NamePattern::parse("h.{i}.*.c_proj.weight")?;
/// assert!(pattern.matches("h.11.attn.c_proj.weight"));
/// assert!(!pattern.matches("h.11.c_proj.weight"));
/// assert_eq!(pattern.captures("h.11.mlp.c_proj.weight"), Some(vec![("i", "11")]));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    text: String,
    parts: Vec<PatternPart>,
}

/// One part of a pattern, in the order in which a name is read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PatternPart {
    /// These bytes.
    Literal(String),
    /// Any bytes but a dot.
    Star,
    /// At least one digit.
    Number(String),
    /// Any number of segments, each with its dot behind it.
    SegmentsBefore,
    /// Any number of segments, each with its dot in front of it.
    SegmentsAfter,
    /// Everything.
    All,
}

/// A name beyond this length matches nothing, so that a hostile file cannot make matching expensive.
const LONGEST_NAME: usize = 1 << 16;

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If a bracket is open or empty, a capture has two places, or `**` is not a segment of its own; in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a pattern must not be empty".to_owned());
        }
        let mut segments: Vec<&str> = text.split('.').collect();
        // Any number of any number of segments is any number of segments.
        segments.dedup_by(|a, b| (*a, *b) == ("**", "**"));
        let mut parts = vec![];
        for (at, segment) in segments.iter().enumerate() {
            let (first, last) = (at == 0, at + 1 == segments.len());
            // The dots around a `**` belong to the segments that it stands for.
            let ends_segments = *segment == "**" && last;
            if !first && segments[at - 1] != "**" && !ends_segments {
                literal(&mut parts, ".");
            }
            match *segment {
                "**" if first && last => parts.push(PatternPart::All),
                "**" if last => parts.push(PatternPart::SegmentsAfter),
                "**" => parts.push(PatternPart::SegmentsBefore),
                _ => read_segment(&mut parts, segment)?,
            }
        }
        let pattern = Self { text: text.to_owned(), parts };
        let names: Vec<&str> = pattern.names().collect();
        match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            Some((_, name)) => {
                Err(format!("`{{{name}}}` has two places in `{text}`; give each its own name"))
            }
            None => Ok(pattern),
        }
    }

    /// The names of the captured numbers, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            PatternPart::Number(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// True if the pattern stands for the whole of a name.
    pub fn matches(&self, name: &str) -> bool {
        self.may_match(name) && self.table(name)[0]
    }

    /// The captured numbers with their names, or `None` if the pattern does not match.
    ///
    /// A number is as long as it can be, and what stands for anything is as short as it can be.
    pub fn captures<'p, 'n>(&'p self, name: &'n str) -> Option<Vec<(&'p str, &'n str)>> {
        if !self.may_match(name) {
            return None;
        }
        let table = self.table(name);
        if !table[0] {
            return None;
        }
        let width = name.len() + 1;
        let (mut at, mut captured) = (0, vec![]);
        for (row, part) in self.parts.iter().enumerate() {
            let rest_matches = |end: &usize| table[(row + 1) * width + end];
            let ends = part.ends(name.as_bytes(), at);
            let end = if let PatternPart::Number(key) = part {
                let end = ends.into_iter().rev().find(rest_matches)?;
                captured.push((key.as_str(), &name[at..end]));
                end
            } else {
                ends.into_iter().find(rest_matches)?
            };
            at = end;
        }
        Some(captured)
    }

    /// False if the pattern's ends already differ from the name's.
    fn may_match(&self, name: &str) -> bool {
        let first = match self.parts.first() {
            Some(PatternPart::Literal(text)) => name.starts_with(text),
            _ => true,
        };
        let last = match self.parts.last() {
            Some(PatternPart::Literal(text)) => name.ends_with(text),
            _ => true,
        };
        first && last && name.len() <= LONGEST_NAME
    }

    /// For each part and each byte of the name, true if the parts from there on stand for the bytes from there on. So no
    /// pattern takes longer than its length times that of the name.
    fn table(&self, name: &str) -> Vec<bool> {
        let (bytes, width) = (name.as_bytes(), name.len() + 1);
        let mut table = vec![false; (self.parts.len() + 1) * width];
        table[self.parts.len() * width + bytes.len()] = true;
        for (row, part) in self.parts.iter().enumerate().rev() {
            let (these, next) = table[row * width..(row + 2) * width].split_at_mut(width);
            part.fill(bytes, these, next);
        }
        table
    }
}

impl PatternPart {
    /// Fills a row of the table from the row of the next part.
    fn fill(&self, name: &[u8], these: &mut [bool], next: &[bool]) {
        // The place behind the next dot, of the bytes that were passed.
        let mut behind_dot = None;
        for at in (0..these.len()).rev() {
            let byte = name.get(at).copied();
            these[at] = match self {
                Self::Literal(text) => name[at..].starts_with(text.as_bytes()) && next[at + text.len()],
                Self::Star => next[at] || (byte.is_some_and(|byte| byte != b'.') && these[at + 1]),
                // One digit, and then more of the number or what follows it.
                Self::Number(_) => {
                    is_digit(byte) && (next[at + 1] || (is_digit(name.get(at + 1).copied()) && these[at + 1]))
                }
                Self::SegmentsBefore => {
                    if byte == Some(b'.') {
                        behind_dot = Some(at + 1);
                    }
                    next[at] || behind_dot.is_some_and(|behind: usize| these[behind])
                }
                Self::SegmentsAfter => byte.is_none_or(|byte| byte == b'.') && next[name.len()],
                Self::All => next[name.len()],
            };
        }
    }

    /// The places at which the part can end if it begins at a byte, in order.
    fn ends(&self, name: &[u8], at: usize) -> Vec<usize> {
        let rest = &name[at..];
        let run = |inside: fn(u8) -> bool| rest.iter().take_while(|&&byte| inside(byte)).count();
        match self {
            Self::Literal(text) => {
                rest.starts_with(text.as_bytes()).then_some(at + text.len()).into_iter().collect()
            }
            Self::Star => (at..=at + run(|byte| byte != b'.')).collect(),
            Self::Number(_) => (at + 1..=at + run(|byte| byte.is_ascii_digit())).collect(),
            Self::SegmentsBefore => {
                let dots = rest.iter().enumerate().filter(|&(_, &byte)| byte == b'.');
                std::iter::once(at).chain(dots.map(|(dot, _)| at + dot + 1)).collect()
            }
            Self::SegmentsAfter | Self::All => vec![name.len()],
        }
    }
}

fn is_digit(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit())
}

/// Appends bytes, to the last part if it is a literal too.
fn literal(parts: &mut Vec<PatternPart>, text: &str) {
    match parts.last_mut() {
        Some(PatternPart::Literal(last)) => last.push_str(text),
        _ => parts.push(PatternPart::Literal(text.to_owned())),
    }
}

fn read_segment(parts: &mut Vec<PatternPart>, segment: &str) -> Result<(), String> {
    if segment.contains("**") {
        return Err(format!(
            "`**` stands for whole segments, so `{segment}` must be `*` or have dots around it"
        ));
    }
    let mut rest = segment;
    while let Some(at) = rest.find(['*', '{', '}']) {
        if at > 0 {
            literal(parts, &rest[..at]);
        }
        let (special, behind) = rest[at..].split_at(1);
        rest = match special {
            "*" => {
                parts.push(PatternPart::Star);
                behind
            }
            "{" => {
                let Some((name, behind)) = behind.split_once('}') else {
                    return Err(format!("`{{` has no `}}` in the segment `{segment}`"));
                };
                if !is_name(name) {
                    return Err(format!("`{{{name}}}` is no capture; write a name such as {{i}}"));
                }
                parts.push(PatternPart::Number(name.to_owned()));
                behind
            }
            _ => return Err(format!("`}}` has no `{{` in the segment `{segment}`")),
        };
    }
    if !rest.is_empty() {
        literal(parts, rest);
    }
    Ok(())
}

/// True for a letter or underscore, and then those or digits: what an expression reads as one name.
pub(super) fn is_name(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    letters && text.starts_with(|first: char| !first.is_ascii_digit())
}

/// The text that [`parse`](NamePattern::parse) reads.
impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::NamePattern;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_whole_names() {
        let matching = [
            ("wte.weight", "wte.weight"),
            ("h.{i}.*.c_proj.weight", "h.0.attn.c_proj.weight"),
            ("h.{i}.**", "h.0.attn.c_proj.weight"),
            ("h.{i}.**", "h.0"),
            ("**.bias", "bias"),
            ("**.bias", "a.b.bias"),
            ("**.ln_*.weight", "h.3.ln_1.weight"),
            ("**.ln_*.weight", "ln_f.weight"),
            ("a.**.b", "a.b"),
            ("a.**.b", "a.x.b.b"),
            ("a.**.**", "a"),
            ("a.**.**", "a.b.c"),
            ("**.**", ""),
            ("**", "any.thing"),
            ("*", ""),
            ("a.*", "a."),
            ("layer{i}_*", "layer12_w"),
            ("*{i}", "a12"),
            ("weight_?", "weight_?"),
            ("ü*", "üß"),
        ];
        for (pattern, name) in matching {
            let parsed = NamePattern::parse(pattern).unwrap();
            assert!(parsed.matches(name) && parsed.captures(name).is_some(), "{pattern} {name}");
        }
        let differing = [
            ("wte.weight", "wte.weights"),
            ("h.{i}.*.c_proj.weight", "h.0.c_proj.weight"),
            ("h.{i}.*", "h.0.attn.bias"),
            ("h.{i}.**", "h.x.attn"),
            ("h.{i}.**", "hh.0"),
            ("**.bias", "a.xbias"),
            ("a.**.b", "a.xb"),
            ("a.**", "ab"),
            ("{i}", "1x"),
            ("{i}", ""),
            ("*", "a.b"),
        ];
        for (pattern, name) in differing {
            let parsed = NamePattern::parse(pattern).unwrap();
            assert!(!parsed.matches(name) && parsed.captures(name).is_none(), "{pattern} {name}");
        }
    }

    #[test]
    fn captures_are_the_longest_numbers() {
        let captures = |pattern: &str, name: &str| {
            let pattern = NamePattern::parse(pattern).unwrap();
            let found = pattern.captures(name).unwrap();
            found.into_iter().map(|(key, number)| format!("{key}={number}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(captures("stage{s}.{b}.conv*.weight", "stage1.22.conv3.weight"), "s=1 b=22");
        assert_eq!(captures("*{i}", "a12"), "i=12");
        assert_eq!(captures("**.{i}.**.w", "a.3.7.w"), "i=3");
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |text: &str| NamePattern::parse(text).unwrap_err();
        assert_eq!(wrong(""), "a pattern must not be empty");
        assert_eq!(wrong("h.{i.w"), "`{` has no `}` in the segment `{i`");
        assert_eq!(wrong("h.i}"), "`}` has no `{` in the segment `i}`");
        assert_eq!(wrong("h.{}"), "`{}` is no capture; write a name such as {i}");
        assert_eq!(wrong("h.{0}"), "`{0}` is no capture; write a name such as {i}");
        assert_eq!(wrong("h.{i}.{i}"), "`{i}` has two places in `h.{i}.{i}`; give each its own name");
        assert_eq!(
            wrong("a**"),
            "`**` stands for whole segments, so `a**` must be `*` or have dots around it"
        );
    }

    #[test]
    fn long_names_cost_little() {
        let pattern = NamePattern::parse("**.*a*a*a*a*{i}*.**.*b*b*{j}.**.weight").unwrap();
        assert!(!pattern.matches(&format!("{}.weight", "a1.b".repeat(10_000))));
        assert!(!NamePattern::parse("*").unwrap().matches(&"a".repeat(1 << 20)));
    }

    /// The same language by recursion over segments and characters, which is plain and slow.
    fn by_recursion(pattern: &[&str], name: &[&str]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (["**", rest @ ..], _) => (0..=name.len()).any(|skipped| by_recursion(rest, &name[skipped..])),
            ([first, rest @ ..], [segment, others @ ..]) => {
                let (first, segment): (Vec<char>, Vec<char>) =
                    (first.chars().collect(), segment.chars().collect());
                segment_by_recursion(&first, &segment) && by_recursion(rest, others)
            }
            _ => false,
        }
    }

    fn segment_by_recursion(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|skipped| segment_by_recursion(rest, &text[skipped..])),
            ['{', _, '}', rest @ ..] => {
                let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
                (1..=digits).any(|taken| segment_by_recursion(rest, &text[taken..]))
            }
            [letter, rest @ ..] => text.first() == Some(letter) && segment_by_recursion(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn matching_is_that_of_the_recursion(
            segments in prop::collection::vec("(\\*\\*|[ab1*]{1,3}|[ab]?\\{i\\}[1*]?)", 1..5),
            name in "[ab1.]{0,12}",
        ) {
            let pattern = segments.join(".");
            // A capture may have one place only.
            if let Ok(parsed) = NamePattern::parse(&pattern) {
                let names: Vec<&str> = name.split('.').collect();
                let parts: Vec<&str> = pattern.split('.').collect();
                // An empty name has no segment at all, or one that is empty.
                let expected = by_recursion(&parts, &names) || (name.is_empty() && by_recursion(&parts, &[]));
                prop_assert_eq!(parsed.matches(&name), expected, "{} {}", pattern, name);
                prop_assert_eq!(parsed.captures(&name).is_some(), expected);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}", name in "\\PC{0,20}") {
            if let Ok(pattern) = NamePattern::parse(&text) {
                prop_assert_eq!(pattern.matches(&name), pattern.captures(&name).is_some());
                prop_assert_eq!(pattern.to_string(), text);
            }
        }
    }
}
