//! Named constants of rules, and where their values come from.

use tensor::{evaluate, suggestion};

use super::scheme_text::with_nearest_constant;
use super::{NamePattern, NameRules, RulesError};
use crate::TensorInfo;

/// A constant of the rules: `layers`, `std`.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedConstant {
    pub(super) name: String,
    pub(super) source: ConstantSource,
    /// The value if the source has none.
    pub(super) default: Option<f64>,
}

/// The place that a constant's value comes from, unless it is set.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstantSource {
    /// A number.
    Number(f64),
    /// An expression of other constants.
    Expression(String),
    /// The number of different captures of a pattern among the names.
    Count(NamePattern),
    /// The size of one axis of the tensors that a pattern matches.
    Size {
        /// The names; all tensors that match must agree.
        of: NamePattern,
        /// The axis, from 0.
        axis: usize,
    },
    /// The number, or true (1) or false (0), under a key of the model's configuration; dots lead into nested objects.
    Config(String),
}

impl ConstantSource {
    /// The number of different captures of a pattern.
    ///
    /// # Errors
    /// If the pattern is wrong or captures nothing.
    pub fn count(pattern: &str) -> Result<Self, RulesError> {
        let pattern = NamePattern::parse(pattern).map_err(RulesError::new)?;
        if pattern.names().next().is_none() {
            return Err(RulesError::new(format!(
                "`{pattern}` captures nothing to count; write {{i}} for the number"
            )));
        }
        Ok(Self::Count(pattern))
    }

    /// The size of an axis of the tensors that a pattern matches.
    ///
    /// # Errors
    /// If the pattern is wrong.
    pub fn size(of: &str, axis: usize) -> Result<Self, RulesError> {
        Ok(Self::Size { of: NamePattern::parse(of).map_err(RulesError::new)?, axis })
    }
}

impl NamedConstant {
    pub(super) fn new(name: &str, source: ConstantSource) -> Self {
        Self { name: name.to_owned(), source, default: None }
    }
}

/// Values from outside of the rules and the file of weights.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleSettings<'a> {
    /// Constants that are set, whatever the rules say: `("layers", 24.0)`.
    pub set: &'a [(&'a str, f64)],
    /// The text of the model's `config.json`.
    pub config: Option<&'a str>,
}

/// Names that expressions have already: functions, and what is known of each tensor.
pub(super) const RESERVED: [&str; 4] = ["inf", "sqrt", "fan_in", "fan_out"];

/// The reason why a name cannot be that of a constant.
pub(super) fn wrong_name(name: &str) -> Option<String> {
    if !super::pattern::is_name(name) {
        return Some(format!("a constant's name has letters, digits and _ only, and `{name}` differs"));
    }
    let is_size = name.strip_prefix("dim").is_some_and(|axis| axis.chars().all(|c| c.is_ascii_digit()));
    (RESERVED.contains(&name) || is_size)
        .then(|| format!("`{name}` has a meaning already; choose another name"))
}

/// The names in an expression.
pub(super) fn names_in(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| super::pattern::is_name(name))
}

impl NameRules {
    /// The values of all constants, in the order of the rules.
    pub(super) fn constant_values(
        &self,
        tensors: &[TensorInfo],
        settings: &RuleSettings,
    ) -> Result<Vec<(String, f64)>, RulesError> {
        let names = || self.constants.iter().map(|constant| constant.name.as_str());
        if let Some((unknown, _)) = settings.set.iter().find(|(set, _)| !names().any(|name| name == *set)) {
            let known = names().collect::<Vec<_>>().join(", ");
            let known =
                if known.is_empty() { "there are none".to_owned() } else { format!("they are {known}") };
            let near = suggestion(unknown, names());
            return Err(RulesError::new(format!("the rules have no constant `{unknown}`{near}; {known}")));
        }
        let config = settings.config.map(read_config).transpose()?;
        let direct = |constant: &NamedConstant| {
            // The last one wins, as on a command line.
            let set = settings.set.iter().rev().find(|(name, _)| *name == constant.name);
            match set {
                Some(&(_, value)) => Ok(Some(value)),
                None => self.direct_value(constant, tensors, config.as_ref()),
            }
        };
        let mut values = self.constants.iter().map(direct).collect::<Result<Vec<_>, _>>()?;
        while let Some(at) = self.next_ready(&values) {
            let constant = &self.constants[at];
            let ConstantSource::Expression(text) = &constant.source else { break };
            let known: Vec<(&str, f64)> =
                names().zip(&values).filter_map(|(name, value)| Some((name, (*value)?))).collect();
            let value = evaluate(text, &known).map_err(|error| {
                RulesError::new(format!("constant `{}` = `{text}`: {error}", constant.name))
            })?;
            values[at] = Some(value);
        }
        names()
            .zip(values)
            .map(|(name, value)| match value {
                Some(value) if value.is_finite() => Ok((name.to_owned(), value)),
                Some(value) => {
                    Err(RulesError::new(format!("constant `{name}` is {value}; it must be finite")))
                }
                None => Err(RulesError::new(format!("constant `{name}` depends on itself"))),
            })
            .collect()
    }

    /// An expression without a value whose constants all have theirs.
    fn next_ready(&self, values: &[Option<f64>]) -> Option<usize> {
        let value_of = |name: &str| {
            self.constants.iter().position(|constant| constant.name == name).map(|at| values[at])
        };
        let ready = |constant: &NamedConstant| match &constant.source {
            ConstantSource::Expression(text) => !names_in(text).any(|name| value_of(name) == Some(None)),
            _ => false,
        };
        (0..values.len()).find(|&at| values[at].is_none() && ready(&self.constants[at]))
    }

    /// The constants that depend on themselves.
    pub(super) fn cycle(&self) -> Option<&str> {
        let mut known: Vec<Option<f64>> = self
            .constants
            .iter()
            .map(|constant| match constant.source {
                ConstantSource::Expression(_) => None,
                _ => Some(0.0),
            })
            .collect();
        while let Some(at) = self.next_ready(&known) {
            known[at] = Some(0.0);
        }
        known.iter().position(Option::is_none).map(|at| self.constants[at].name.as_str())
    }

    /// The value of a constant that is no expression.
    fn direct_value(
        &self,
        constant: &NamedConstant,
        tensors: &[TensorInfo],
        config: Option<&serde_json::Value>,
    ) -> Result<Option<f64>, RulesError> {
        let name = &constant.name;
        let (value, why) = match &constant.source {
            ConstantSource::Expression(_) => return Ok(None),
            ConstantSource::Number(value) => return Ok(Some(*value)),
            ConstantSource::Count(pattern) => {
                (self.count(pattern, tensors), format!("no name matches `{pattern}`, so the count is 0"))
            }
            ConstantSource::Size { of, axis } => (
                self.size(name, of, *axis, tensors)?,
                format!("no tensor with an axis {axis} matches `{of}`"),
            ),
            ConstantSource::Config(key) => {
                let why = match config {
                    Some(_) => format!("the configuration has no `{key}`"),
                    None => format!("it is read from `{key}` of the configuration, and there is none"),
                };
                (config.map(|config| config_value(name, config, key)).transpose()?.flatten(), why)
            }
        };
        match value.or(constant.default) {
            Some(value) => Ok(Some(value)),
            None => {
                Err(RulesError::new(format!("constant `{name}` has no value: {why}; set {name} to a number")))
            }
        }
    }

    fn count(&self, pattern: &NamePattern, tensors: &[TensorInfo]) -> Option<f64> {
        let captured = tensors.iter().filter_map(|tensor| {
            let captures = self.stripped(&tensor.name).find_map(|(_, name)| pattern.captures(name));
            Some(captures?.into_iter().map(|(_, number)| number.to_owned()).collect::<Vec<_>>())
        });
        let different: std::collections::HashSet<Vec<String>> = captured.collect();
        (!different.is_empty()).then_some(different.len() as f64)
    }

    fn size(
        &self,
        constant: &str,
        of: &NamePattern,
        axis: usize,
        tensors: &[TensorInfo],
    ) -> Result<Option<f64>, RulesError> {
        let matching =
            tensors.iter().filter(|tensor| self.stripped(&tensor.name).any(|(_, name)| of.matches(name)));
        let mut sizes = matching.filter_map(|tensor| Some((tensor, *tensor.shape.get(axis)?)));
        let Some((first, size)) = sizes.next() else { return Ok(None) };
        match sizes.find(|(_, other)| *other != size) {
            None => Ok(Some(size as f64)),
            Some((second, other)) => Err(RulesError::new(format!(
                "constant `{constant}`: axis {axis} is {size} in {} and {other} in {}; narrow the pattern `{of}`",
                first.name, second.name
            ))),
        }
    }

    /// The prefixes that a name begins with, each with the rest of the name.
    pub(super) fn stripped<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = (&'a str, &'n str)> {
        let whole = self.prefixes.is_empty().then_some(("", name));
        let rests = self
            .prefixes
            .iter()
            .filter_map(move |prefix| Some((prefix.as_str(), name.strip_prefix(prefix.as_str())?)));
        whole.into_iter().chain(rests)
    }
}

/// The constants' values by name, as expressions take them.
pub(super) fn borrowed(values: &[(String, f64)]) -> Vec<(&str, f64)> {
    values.iter().map(|(name, value)| (name.as_str(), *value)).collect()
}

/// The value of an expression over constants.
pub(super) fn number(expression: &str, constants: &[(&str, f64)]) -> Result<f64, String> {
    evaluate(expression, constants)
        .map_err(|error| with_nearest_constant(&error.to_string(), constants.iter().map(|(name, _)| *name)))
}

fn read_config(text: &str) -> Result<serde_json::Value, RulesError> {
    serde_json::from_str(text)
        .map_err(|error| RulesError::new(format!("the configuration is not JSON: {error}")))
}

/// The number under a key; `None` if it is absent or null.
fn config_value(constant: &str, config: &serde_json::Value, key: &str) -> Result<Option<f64>, RulesError> {
    use serde_json::Value;
    let found = key.split('.').try_fold(config, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(f64::from(u8::from(*value)))),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(RulesError::new(format!(
            "constant `{constant}`: `{key}` of the configuration is not a number"
        ))),
    }
}
