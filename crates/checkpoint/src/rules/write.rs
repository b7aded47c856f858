//! Rules as the TOML text that is read.

use std::fmt::{self, Display, Formatter};

use super::parse::VERSION;
use super::{
    ConstantSource, IgnoreRule, LAYOUTS, NamePattern, NameRule, NameRules, NamedConstant, RuleBlocks,
    RuleParts, TieRule,
};

/// The text that [`parse`](NameRules::parse) reads.
impl Display for NameRules {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "version = {VERSION}")?;
        if !self.prefixes.is_empty() {
            writeln!(f, "prefix = {}", texts(&self.prefixes))?;
        }
        if !self.constants.is_empty() {
            writeln!(f, "\n[constants]")?;
        }
        for constant in &self.constants {
            writeln!(f, "{constant}")?;
        }
        self.ignored.iter().try_for_each(|ignored| write!(f, "\n{ignored}"))?;
        self.tied.iter().try_for_each(|tied| write!(f, "\n{tied}"))?;
        self.rules.iter().try_for_each(|rule| write!(f, "\n{rule}"))
    }
}

impl Display for NamedConstant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            ConstantSource::Number(value) => return write!(f, "{} = {}", self.name, Decimal(*value)),
            ConstantSource::Expression(text) => return write!(f, "{} = {}", self.name, quoted(text)),
            ConstantSource::Count(pattern) => format!("count = {}", quoted(&pattern.to_string())),
            ConstantSource::Size { of, axis } => format!("axis = {axis}, of = {}", quoted(&of.to_string())),
            ConstantSource::Config(key) => format!("config = {}", quoted(key)),
        };
        write!(f, "{} = {{ {source}", self.name)?;
        if let Some(default) = self.default {
            write!(f, ", default = {}", Decimal(default))?;
        }
        f.write_str(" }")
    }
}

impl Display for NameRule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[rule]]")?;
        writeln!(f, "match = {}", patterns(&self.patterns))?;
        writeln!(f, "scheme = {}", quoted(&self.scheme))?;
        if let Some(layout) = self.layout {
            let name = LAYOUTS.iter().find(|(_, known)| *known == layout).map_or("unknown", |(name, _)| name);
            writeln!(f, "layout = {}", quoted(name))?;
        }
        let expression = |f: &mut Formatter<'_>, key: &str, text: &Option<String>| match text {
            Some(text) => writeln!(f, "{key} = {}", number_or_text(text)),
            None => Ok(()),
        };
        expression(f, "groups", &self.groups)?;
        for (key, list) in [("stride", &self.stride), ("zero_rows", &self.zero_rows)] {
            if !list.is_empty() {
                writeln!(f, "{key} = {}", numbers(list))?;
            }
        }
        if let Some(blocks) = &self.blocks {
            writeln!(f, "blocks = {blocks}")?;
        }
        if let Some(name) = &self.fans_of {
            writeln!(f, "fans_of = {}", quoted(name))?;
        }
        if let Some(dims) = self.dims {
            writeln!(f, "dims = {dims}")?;
        }
        expression(f, "when", &self.when)?;
        optional(f, self.optional)?;
        match &self.reason {
            Some(reason) => writeln!(f, "reason = {}", quoted(reason)),
            None => Ok(()),
        }
    }
}

impl Display for RuleBlocks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{ axis = {}", self.axis)?;
        match &self.parts {
            RuleParts::Count(count) => write!(f, ", count = {}", number_or_text(count))?,
            RuleParts::Sizes(sizes) => write!(f, ", sizes = {}", numbers(sizes))?,
            RuleParts::Stacked => {}
        }
        f.write_str(" }")
    }
}

impl Display for IgnoreRule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[ignore]]\nmatch = {}", patterns(&self.patterns))?;
        writeln!(f, "reason = {}", quoted(&self.reason))?;
        optional(f, self.optional)
    }
}

impl Display for TieRule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[tied]]\nnames = {}", patterns(&self.names))?;
        if let Some(when) = &self.when {
            writeln!(f, "when = {}", number_or_text(when))?;
        }
        optional(f, self.optional)
    }
}

fn optional(f: &mut Formatter<'_>, optional: bool) -> fmt::Result {
    if optional { writeln!(f, "optional = true") } else { Ok(()) }
}

/// One text, or a list of several.
fn patterns(patterns: &[NamePattern]) -> String {
    match patterns {
        [one] => quoted(&one.to_string()),
        several => texts(&several.iter().map(ToString::to_string).collect::<Vec<_>>()),
    }
}

fn texts(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn numbers(expressions: &[String]) -> String {
    format!("[{}]", expressions.iter().map(|text| number_or_text(text)).collect::<Vec<_>>().join(", "))
}

/// An expression, without quotes if it is a whole number.
fn number_or_text(expression: &str) -> String {
    let plain = expression.parse::<u32>().is_ok_and(|number| number.to_string() == expression);
    if plain { expression.to_owned() } else { quoted(expression) }
}

/// A number as TOML reads it back to the same bits.
struct Decimal(f64);

impl Display for Decimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(value) = *self;
        let whole = value.fract() == 0.0 && value.abs() < 1e15 && !(value == 0.0 && value.is_sign_negative());
        if whole { write!(f, "{value}") } else { write!(f, "{value:?}") }
    }
}

/// A text in quotes, with escapes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
