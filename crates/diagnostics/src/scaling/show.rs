//! A scaling check as a table, and its faults as lines.

use std::fmt;

use super::{
    ExpectedExponent, ScalingAspect, ScalingCheck, ScalingExponent, ScalingOutcome, ScalingRole, ScalingRow,
};
use crate::{Style, TextTable, signed, significant};

/// Digits of a root mean square.
const DIGITS: usize = 3;
/// Decimals of an exponent.
const DECIMALS: usize = 2;

impl fmt::Display for ScalingOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Undecided => "undecided",
            Self::Unjudged => "",
        })
    }
}

/// `+0.98 (+0.95 to +1.01)`.
impl fmt::Display for ScalingExponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [value, low, high] = [self.value, self.low(), self.high()].map(|x| signed(x, DECIMALS));
        if self.half_width.is_nan() { write!(f, "{value}") } else { write!(f, "{value} ({low} to {high})") }
    }
}

/// The range: `+0.5`, `+1 to +1.5`, `at most +0`.
impl fmt::Display for ExpectedExponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (*self.range.start(), *self.range.end());
        let text = |x: f64| if x == 0.0 { "0".to_owned() } else { format!("{x:+}") };
        match (low.is_finite(), high.is_finite()) {
            (true, true) if low == high => f.write_str(&text(low)),
            (true, true) => write!(f, "{} to {}", text(low), text(high)),
            (false, true) => write!(f, "at most {}", text(high)),
            (true, false) => write!(f, "at least {}", text(low)),
            (false, false) => f.write_str("any"),
        }
    }
}

impl ScalingCheck {
    /// The table, with colours if the style has them.
    pub fn table(&self, style: Style) -> String {
        let column = |heading: &str, cell: &dyn Fn(&ScalingRow) -> String| {
            (heading.to_owned(), self.rows.iter().map(cell).collect::<Vec<_>>())
        };
        let (first, last) = (self.sizes[0], self.sizes[self.sizes.len() - 1]);
        let end = |row: &ScalingRow, at: usize, size: usize| match row.ends[at] {
            (own, rms) if own == size => significant(rms, DIGITS),
            _ if row.zeros == row.networks => "0".to_owned(),
            _ => String::new(),
        };
        let of_exponent = |row: &ScalingRow, text: &dyn Fn(&ScalingExponent) -> String| {
            row.exponent.as_ref().map_or_else(String::new, text)
        };
        let interval = |exponent: &ScalingExponent| {
            format!("{} to {}", signed(exponent.low(), DECIMALS), signed(exponent.high(), DECIMALS))
        };
        let columns = vec![
            column("quantity", &|row| row.quantity.to_string()),
            column("step", &|row| row.step.to_string()),
            column(&format!("at {} {first}", self.axis), &|row| end(row, 0, first)),
            column(&format!("at {last}"), &|row| end(row, 1, last)),
            column("exponent", &|row| of_exponent(row, &|exponent| signed(exponent.value, DECIMALS))),
            column("95% interval", &|row| of_exponent(row, &interval)),
            column("expected", &|row| row.expected.as_ref().map_or_else(String::new, ToString::to_string)),
            column("", &|row| row.outcome.to_string()),
        ];
        let bad: Vec<bool> = self.rows.iter().map(|row| row.outcome == ScalingOutcome::Fail).collect();
        TextTable::of(columns, &bad).aligned(style)
    }

    /// One line for each row that failed or is undecided: the quantity, its exponent, what is expected, and the usual cause.
    pub fn lines(&self) -> Vec<String> {
        self.rows.iter().filter_map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &ScalingRow) -> Option<String> {
        let expected = row.expected.as_ref()?;
        let what = match row.step {
            0 => format!("{} before the first step", row.quantity),
            step => format!("{} after step {step}", row.quantity),
        };
        if row.outcome == ScalingOutcome::Fail && row.not_finite.0 > 0 {
            let (count, size) = row.not_finite;
            return Some(format!(
                "FAIL: {what} is not finite in {count} of {} networks, from {} {size} on. Use a smaller learning rate for the check.",
                row.networks, self.axis
            ));
        }
        let axis = self.axis;
        let exponent = row.exponent.as_ref()?;
        let ends = row.ends.map(|(size, rms)| format!("{} at {axis} {size}", significant(rms, DIGITS)));
        let growth = format!("{what} ∝ {axis}^{exponent}, from {} to {}", ends[0], ends[1]);
        let wanted = format!("{} expects {expected} ± {}", self.expectations, self.margin);
        match row.outcome {
            ScalingOutcome::Fail => {
                let above = exponent.value > *expected.range.end();
                let cause = if above { &expected.above } else { &expected.below };
                let cause = if cause.is_empty() { String::new() } else { format!(" {cause}") };
                Some(format!("FAIL: {growth}; {wanted}.{cause}"))
            }
            ScalingOutcome::Undecided if row.zeros > 0 => Some(format!(
                "undecided: {what} is 0 in {} of {} networks, which have no exponent.",
                row.zeros, row.networks
            )),
            ScalingOutcome::Undecided => {
                Some(format!("undecided: {growth}; {wanted}. Measure more seeds or sizes."))
            }
            ScalingOutcome::Pass | ScalingOutcome::Unjudged => None,
        }
    }

    fn unmeasured_line(&self) -> Option<String> {
        let described = |row: &ExpectedExponent| {
            let name = match (&row.name, row.role) {
                (Some(name), _) => name.as_str(),
                (None, ScalingRole::Input) => "the first layer",
                (None, ScalingRole::Hidden) => "later layers",
                (None, ScalingRole::Logits) => "logits",
                (None, ScalingRole::Other) => return None,
            };
            Some(if row.aspect == ScalingAspect::Change {
                format!("change of {name}")
            } else {
                name.to_owned()
            })
        };
        let mut names: Vec<String> = self.unmeasured.iter().filter_map(described).collect();
        names.dedup();
        (!names.is_empty()).then(|| format!("Not measured: {}.", names.join(", ")))
    }
}

impl fmt::Display for ScalingCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table(Style::Plain))?;
        let (seeds, sizes) = (self.seeds, &self.sizes);
        let s = if seeds == 1 { "" } else { "s" };
        writeln!(
            f,
            "\nExpected: {}. Root mean squares at {} {sizes:?}, {seeds} seed{s}; a margin of {} on each side.",
            self.expectations, self.axis, self.margin
        )?;
        self.lines().iter().chain(&self.unmeasured_line()).try_for_each(|line| writeln!(f, "{line}"))
    }
}
