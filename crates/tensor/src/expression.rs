//! Arithmetic as text: `0.02 / sqrt(2*layers)`, the one parser of numbers in schemes, gains and scalings.

use std::fmt;

use crate::Real;

/// The value of an expression: numbers, `inf`, constants by name, `+`, `-`, `*`, `/`, powers, `sqrt(…)` and brackets.
///
/// Powers are `^` or `**`, from the right, and bind more tightly than a sign: `-2^2` is −4. Every operation is one in
/// double precision, in the order in which it is written.
///
/// ```
/// use tensor::evaluate;
///
/// assert_eq!(evaluate("0.02 / sqrt(2*layers)", &[("layers", 8.0)]), Ok(0.005));
/// assert_eq!(evaluate("(d_model * 4)^-0.5", &[("d_model", 25.0)]), Ok(0.1));
///
/// let error = evaluate("0.02 / sqrt(2*layer)", &[("layers", 8.0), ("width", 64.0)]).unwrap_err();
/// assert_eq!(error.to_string(), "unknown constant `layer`; the constants are layers, width");
/// ```
///
/// # Errors
/// If the text is not an expression, a constant is unknown, or the value is not a number.
pub fn evaluate(text: &str, constants: &[(&str, f64)]) -> Result<f64, ExpressionError> {
    let mut parser = Parser { text, at: 0, depth: 0, constants };
    let value = parser.sum()?;
    match parser.peek() {
        Some(_) => Err(parser.unexpected("an operator or the end")),
        None if value.is_nan() => Err(ExpressionError::NotANumber(text.trim().to_owned())),
        None => Ok(value),
    }
}

/// The reason why a text has no value, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpressionError {
    /// A name is no constant.
    Unknown {
        /// The name.
        name: String,
        /// The names of the constants that there are.
        constants: Vec<String>,
    },
    /// The text is not an expression.
    Syntax(String),
    /// The value is not a number: `0/0`, or the root of a negative number.
    NotANumber(String),
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, constants } if constants.is_empty() => {
                write!(f, "unknown constant `{name}`; there are no constants here")
            }
            Self::Unknown { name, constants } => {
                write!(f, "unknown constant `{name}`; the constants are {}", constants.join(", "))
            }
            Self::Syntax(reason) => f.write_str(reason),
            Self::NotANumber(text) => write!(f, "the value of `{text}` is not a number"),
        }
    }
}

impl std::error::Error for ExpressionError {}

/// The text, the byte that is read next, and the constants.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The number of brackets and signs that are open.
    depth: usize,
    constants: &'a [(&'a str, f64)],
}

impl Parser<'_> {
    fn sum(&mut self) -> Result<f64, ExpressionError> {
        let mut value = self.product()?;
        loop {
            if self.takes("+") {
                value += self.product()?;
            } else if self.takes("-") {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, ExpressionError> {
        let mut value = self.signed()?;
        loop {
            if self.takes("*") {
                value *= self.signed()?;
            } else if self.takes("/") {
                value /= self.signed()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn signed(&mut self) -> Result<f64, ExpressionError> {
        // So that no text can exhaust the stack.
        const DEEPEST: usize = 100;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ExpressionError::Syntax(format!(
                "more than {DEEPEST} signs and brackets are nested"
            )));
        }
        let value = if self.takes("-") { -self.signed()? } else { self.power()? };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<f64, ExpressionError> {
        let base = self.operand()?;
        if self.takes("^") || self.takes("**") { Ok(Real::powf(base, self.signed()?)) } else { Ok(base) }
    }

    fn operand(&mut self) -> Result<f64, ExpressionError> {
        match self.peek() {
            Some('(') => self.bracket(),
            Some(digit) if digit.is_ascii_digit() || digit == '.' => self.number(),
            Some(letter) if letter.is_alphabetic() || letter == '_' => self.named(),
            _ => Err(self.unexpected("a number, a constant, sqrt(…) or brackets")),
        }
    }

    /// An expression in the brackets that begin here.
    fn bracket(&mut self) -> Result<f64, ExpressionError> {
        self.takes("(");
        let value = self.sum()?;
        if self.takes(")") { Ok(value) } else { Err(self.unexpected("`)`")) }
    }

    fn number(&mut self) -> Result<f64, ExpressionError> {
        let rest = &self.text[self.at..];
        let signs_exponent = |at: usize| matches!(rest.as_bytes().get(at.wrapping_sub(1)), Some(b'e' | b'E'));
        let ends = |(at, c): (usize, char)| {
            let inside =
                c.is_ascii_alphanumeric() || c == '.' || (matches!(c, '+' | '-') && signs_exponent(at));
            (!inside).then_some(at)
        };
        let length = rest.char_indices().find_map(ends).unwrap_or(rest.len());
        let value = rest[..length].parse().map_err(|_| self.unexpected("a number"))?;
        self.at += length;
        Ok(value)
    }

    /// A constant, or the function sqrt.
    fn named(&mut self) -> Result<f64, ExpressionError> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, start) = (&rest[..length], self.at);
        self.at += length;
        if self.peek() == Some('(') {
            if name == "sqrt" {
                return Ok(self.bracket()?.sqrt());
            }
            self.at = start;
            return Err(self.unexpected("sqrt, the only function"));
        }
        if name == "inf" {
            return Ok(f64::INFINITY);
        }
        let known = self.constants.iter().find(|(known, _)| *known == name);
        known.map(|&(_, value)| value).ok_or_else(|| ExpressionError::Unknown {
            name: name.to_owned(),
            constants: self.constants.iter().map(|&(name, _)| name.to_owned()).collect(),
        })
    }

    /// The next character that is not a space.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    /// Reads an operator if it stands here; `*` is not the first half of `**`.
    fn takes(&mut self, operator: &str) -> bool {
        self.peek();
        let rest = &self.text[self.at..];
        let here = rest.starts_with(operator) && !(operator == "*" && rest.starts_with("**"));
        self.at += if here { operator.len() } else { 0 };
        here
    }

    fn unexpected(&mut self, expected: &str) -> ExpressionError {
        let found = self.peek().map_or("the end".to_owned(), |c| format!("`{}`", c.escape_debug()));
        let at = self.text[..self.at].chars().count() + 1;
        ExpressionError::Syntax(format!("found {found} at character {at}; expected {expected}"))
    }
}
