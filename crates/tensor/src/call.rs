//! Text of the form `name(argument, …)`: the one grammar of activations, schemes and gains.

use std::fmt;

/// A name and its arguments, both still text.
///
/// Commas separate the arguments, which may be calls themselves. Spaces around names, arguments, commas and brackets
/// are ignored, and `f()` means the same as `f`.
///
/// ```
/// use tensor::Call;
///
/// let call = Call::parse("kaiming_normal(fan_out, leaky_relu(0.2))")?;
/// assert_eq!(call.name, "kaiming_normal");
/// assert_eq!(call.args, ["fan_out", "leaky_relu(0.2)"]);
///
/// let error = Call::parse("kaiming_normal(fan_out").unwrap_err();
/// assert_eq!(error.to_string(), "the `(` at character 15 has no matching `)`");
/// # Ok::<(), tensor::CallError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The text before the brackets; never empty.
    pub name: &'a str,
    /// The arguments in order; none of them is empty.
    pub args: Vec<&'a str>,
}

impl<'a> Call<'a> {
    /// Splits a text into its name and its arguments.
    ///
    /// # Errors
    /// Returns an error if the name or an argument is missing, the brackets do not match, or text follows them. The
    /// error does not repeat the text.
    pub fn parse(text: &'a str) -> Result<Self, CallError> {
        let (name, args) = match text.find(['(', ')', ',']) {
            None => (text.trim(), Vec::new()),
            Some(at) if text[at..].starts_with('(') => (text[..at].trim(), arguments(text, at)?),
            Some(at) => return Err(unexpected(text, at, "a name, with or without arguments in brackets")),
        };
        if name.is_empty() {
            return Err(CallError(
                "it has no name; expected a name, then arguments in brackets if any".to_owned(),
            ));
        }
        Ok(Self { name, args })
    }
}

/// The text that [`Call::parse`] reads.
impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.args[..] {
            [] => f.write_str(self.name),
            args => write!(f, "{}({})", self.name, args.join(", ")),
        }
    }
}

/// The reason why a text is not a [`Call`], in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError(String);

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CallError {}

/// The arguments in the brackets that open at byte `open`.
fn arguments(text: &str, open: usize) -> Result<Vec<&str>, CallError> {
    let close = closing(text, open)?;
    if let Some(at) = text[close + 1..].find(|c: char| !c.is_whitespace()) {
        return Err(unexpected(text, close + 1 + at, "the end of the text"));
    }
    let inside = &text[open + 1..close];
    if inside.trim().is_empty() {
        return Ok(Vec::new());
    }
    let args: Vec<&str> = split_at_commas(inside).into_iter().map(str::trim).collect();
    match args.iter().position(|arg| arg.is_empty()) {
        None => Ok(args),
        Some(at) => Err(CallError(format!("argument {} of {} is empty", at + 1, args.len()))),
    }
}

/// The byte of the bracket that closes the one at byte `open`.
fn closing(text: &str, open: usize) -> Result<usize, CallError> {
    let mut depth = 0_usize;
    for (at, bracket) in text[open..].match_indices(['(', ')']) {
        depth = if bracket == "(" { depth + 1 } else { depth - 1 };
        if depth == 0 {
            return Ok(open + at);
        }
    }
    Err(CallError(format!("the `(` at character {} has no matching `)`", character(text, open))))
}

/// The parts between the commas that no brackets enclose.
fn split_at_commas(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let separates = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    text.split(separates).collect()
}

fn unexpected(text: &str, at: usize, expected: &str) -> CallError {
    let found: String = text[at..].chars().take(1).collect();
    CallError(format!("found `{found}` at character {}; expected {expected}", character(text, at)))
}

/// The number of the character that begins at a byte, counted from 1.
fn character(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}
