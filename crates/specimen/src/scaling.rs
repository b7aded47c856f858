//! One factor of a notebook, as it is written there.

use std::fmt;
use std::str::FromStr;

use tensor::{Real, Tensor, evaluate};

/// Products and quotients from left to right, each rounded: `* (5/3) / sqrt(fan_in)`.
///
/// The first may go without its sign: `0.2` is `* 0.2`. A factor is an expression that
/// [`evaluate`] reads, sums in brackets, where `fan_in` stands for the rows of the tensor. Nothing at all leaves the
/// numbers as they were drawn.
///
/// ```
/// use specimen::Scaling;
/// use tensor::Tensor;
///
/// let scaling: Scaling = "(5/3) / sqrt(fan_in)".parse()?;
/// let scaled = scaling.apply(&Tensor::full([25, 1], 3_f64));
/// assert_eq!(scaled.data()[0], 1.0); // 3·(5/3)/5
/// assert_eq!(scaling.to_string(), "* (5/3) / sqrt(fan_in)");
/// # Ok::<(), specimen::ScalingError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling(Vec<(Sign, Factor)>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    Times,
    Over,
}

#[derive(Clone, Debug, PartialEq)]
struct Factor {
    /// The expression, in which `fan_in` is a constant.
    text: String,
}

/// The error of a text that is not a [`Scaling`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingError {
    text: String,
    part: String,
}

impl fmt::Display for ScalingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, part } = self;
        write!(
            f,
            "invalid scaling `{text}`: `{part}` is not a number, a quotient in brackets, fan_in, or sqrt of one of these; \
             write it as `0.2` or `(5/3) / sqrt(fan_in)`"
        )
    }
}

impl std::error::Error for ScalingError {}

impl Scaling {
    /// No factor: values stay as they are.
    pub const NONE: Self = Self(Vec::new());

    /// `x · factor`.
    pub fn times(factor: f64) -> Self {
        Self(vec![(Sign::Times, Factor { text: factor.to_string() })])
    }

    /// `x / √fan_in`.
    pub fn over_root_fan_in() -> Self {
        Self(vec![(Sign::Over, Factor { text: "sqrt(fan_in)".to_owned() })])
    }

    /// Scales a tensor `[fan_in, out]`.
    pub fn apply<T: Real>(&self, x: &Tensor<T>) -> Tensor<T> {
        let fan_in = x.shape().dims().first().copied().unwrap_or(1) as f64;
        let mut x = x.clone();
        for (sign, factor) in &self.0 {
            let factor = T::of(factor.value(fan_in));
            x = match sign {
                Sign::Times => x.map(move |x| x * factor),
                Sign::Over => x.map(move |x| x / factor),
            };
        }
        x
    }

    /// The factor that it amounts to, for a tensor of `fan_in` rows.
    pub fn factor(&self, fan_in: usize) -> f64 {
        self.0.iter().fold(1.0, |product, (sign, factor)| match sign {
            Sign::Times => product * factor.value(fan_in as f64),
            Sign::Over => product / factor.value(fan_in as f64),
        })
    }
}

impl Factor {
    /// The value; NaN for a fan-in for which there is none.
    fn value(&self, fan_in: f64) -> f64 {
        evaluate(&self.text, &[("fan_in", fan_in)]).unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (sign, factor)) in self.0.iter().enumerate() {
            let sign = if *sign == Sign::Times { "*" } else { "/" };
            write!(f, "{}{sign} {}", if at == 0 { "" } else { " " }, factor.text)?;
        }
        Ok(())
    }
}

impl FromStr for Scaling {
    type Err = ScalingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut factors = Vec::new();
        let mut rest = text.trim();
        if !rest.is_empty() && !rest.starts_with(['*', '/']) {
            let (part, after) = split(rest);
            factors.push((Sign::Times, factor(part, text)?));
            rest = after;
        }
        while let Some(sign) = rest.chars().next() {
            // A part ends where a sign stands, so one stands here.
            let (part, after) = split(&rest[1..]);
            factors.push((if sign == '*' { Sign::Times } else { Sign::Over }, factor(part, text)?));
            rest = after;
        }
        Ok(Self(factors))
    }
}

/// The text up to the next sign outside brackets, and the text from it on.
fn split(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            '*' | '/' if depth == 0 => return (text[..at].trim(), &text[at..]),
            _ => {}
        }
    }
    (text.trim(), "")
}

fn factor(part: &str, text: &str) -> Result<Factor, ScalingError> {
    let factor = Factor { text: part.to_owned() };
    let at_7 = |text: &str| evaluate(text, &[("fan_in", 7.0)]).ok().filter(|value| value.is_finite());
    // A product with 0 is 0, unless the part is a sum whose brackets are missing.
    if at_7(part).is_some() && at_7(&format!("0*{part}")) == Some(0.0) {
        return Ok(factor);
    }
    Err(ScalingError { text: text.to_owned(), part: part.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::Scaling;
    use tensor::Tensor;

    fn scaled(text: &str, x: f32) -> f32 {
        text.parse::<Scaling>().unwrap().apply(&Tensor::full([30, 2], x)).data()[0]
    }

    #[test]
    fn each_factor_is_rounded_in_turn() {
        let (gain, root) = ((5.0 / 3.0_f64) as f32, 30_f64.sqrt() as f32);
        for x in [0.1_f32, -1.7, 2.9e-3] {
            assert_eq!(scaled("(5/3) / sqrt(fan_in)", x), x * gain / root);
            assert_eq!(scaled("* 5 / 3", x), x * 5.0 / 3.0);
            assert_eq!(scaled("/sqrt(fan_in)*(5/3)", x), x / root * gain);
            assert_eq!(scaled("", x), x);
            assert_eq!(scaled("0", x), 0.0 * x);
            assert_eq!(scaled("sqrt(2)", x), x * 2_f64.sqrt() as f32);
        }
        let apart = (1..1000).map(|i| i as f32 / 7.0);
        let apart = apart.filter(|&x| scaled("(5/3) / sqrt(fan_in)", x) != scaled("/sqrt(fan_in)*(5/3)", x));
        assert!(apart.count() > 100, "the order of rounding shows");
    }

    #[test]
    fn text_reads_as_it_was_written() {
        for text in
            ["", "* (2 + fan_in^-0.5)", "* 0.2", "* (5/3) / sqrt(fan_in)", "/ 7", "* -1e-3", "/ sqrt(2)"]
        {
            let scaling: Scaling = text.parse().unwrap();
            assert_eq!(scaling.to_string(), text);
        }
        assert_eq!("(5/3) / sqrt(fan_in)".parse::<Scaling>().unwrap().factor(25), 5.0 / 3.0 / 5.0);
    }

    #[test]
    fn an_invalid_part_is_named() {
        for (text, part) in [
            ("x", "x"),
            ("* ", ""),
            ("2 * (1/0)", "(1/0)"),
            ("sqrt(fan)", "sqrt(fan)"),
            ("(2", "(2"),
            ("inf", "inf"),
            ("2 + 3 * fan_in", "2 + 3"),
            ("log(2)", "log(2)"),
        ] {
            let error = text.parse::<Scaling>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("invalid scaling `{text}`: `{part}` is not")), "{error}");
        }
    }
}
