//! The changes that would mend a fault, as data that a program can apply.

use std::fmt;

use crate::format::significant;

/// A change of parameters or inputs.
///
/// The enum is exhaustive on purpose: the compiler names every place that applies fixes when one is added.
#[derive(Clone, Debug, PartialEq)]
pub enum Fix {
    /// Multiply parameters by factors.
    Scale {
        /// The names of the parameters, each with its factor.
        parameters: Vec<(String, f64)>,
        /// The predictions of theory after that: names and values.
        predicted: Vec<(&'static str, f64)>,
    },
    /// Subtract the mean of a parameter from its values, then multiply them by a factor.
    Centre {
        /// The names of the parameters, each with its factor.
        parameters: Vec<(String, f64)>,
    },
    /// Set parameters to one value.
    Set {
        /// The names of the parameters.
        parameters: Vec<String>,
        /// The value.
        value: f64,
    },
    /// Draw parameters again, each independently.
    Redraw {
        /// The names of the parameters.
        parameters: Vec<String>,
        /// The standard deviation to draw them with; `None`: that of their layer's usual scheme.
        std: Option<f64>,
    },
    /// Subtract a mean from the inputs and divide them by a standard deviation.
    NormaliseInput {
        /// The name of the site.
        site: String,
        /// The mean.
        mean: f64,
        /// The standard deviation.
        std: f64,
    },
}

impl Fix {
    /// Draws one parameter again as its layer usually is.
    pub(super) fn redraw(parameter: impl Into<String>) -> Self {
        Self::Redraw { parameters: vec![parameter.into()], std: None }
    }

    /// Its name in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Scale { .. } => "scale",
            Self::Centre { .. } => "centre",
            Self::Set { .. } => "set",
            Self::Redraw { .. } => "redraw",
            Self::NormaliseInput { .. } => "normalise_input",
        }
    }

    /// True if it changes the parameter of that name.
    pub(super) fn changes(&self, name: &str) -> bool {
        match self {
            Self::Scale { parameters, .. } | Self::Centre { parameters } => {
                parameters.iter().any(|(known, _)| known == name)
            }
            Self::Set { parameters, .. } | Self::Redraw { parameters, .. } => {
                parameters.iter().any(|known| known == name)
            }
            Self::NormaliseInput { .. } => false,
        }
    }

    /// True if all of its factors are finite and above 0, and its other numbers finite.
    pub(super) fn is_applicable(&self) -> bool {
        let factor = |x: f64| x.is_finite() && x > 0.0;
        match self {
            Self::Scale { parameters, .. } | Self::Centre { parameters } => {
                parameters.iter().all(|&(_, x)| factor(x))
            }
            Self::Set { value, .. } => value.is_finite(),
            Self::Redraw { std, .. } => std.is_none_or(factor),
            Self::NormaliseInput { mean, std, .. } => mean.is_finite() && factor(*std),
        }
    }

    /// Joins the same change of other parameters to this one; gives it back if it is another change.
    pub(super) fn join(&mut self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Scale { parameters, predicted }, Self::Scale { parameters: more, .. }) => {
                predicted.clear();
                add_new(parameters, more);
                None
            }
            (Self::Centre { parameters }, Self::Centre { parameters: more }) => {
                add_new(parameters, more);
                None
            }
            (Self::Redraw { parameters, std }, Self::Redraw { parameters: more, std: same })
                if *std == same =>
            {
                parameters.extend(more);
                None
            }
            (Self::Set { parameters, value }, Self::Set { parameters: more, value: same })
                if *value == same =>
            {
                parameters.extend(more);
                None
            }
            (_, other) => Some(other),
        }
    }
}

/// Adds the parameters that are not there yet.
fn add_new(parameters: &mut Vec<(String, f64)>, more: Vec<(String, f64)>) {
    for (name, factor) in more {
        if !parameters.iter().any(|(known, _)| *known == name) {
            parameters.push((name, factor));
        }
    }
}

/// The number of parameters that a text names.
const NAMED: usize = 4;

fn names(names: &[String]) -> String {
    let rest = names.len().saturating_sub(NAMED);
    let first = &names[..names.len().min(NAMED)];
    match (first, rest) {
        (_, 1..) => format!("{} and {rest} more", first.join(", ")),
        ([all @ .., last], _) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => first.join(", "),
    }
}

/// `W1 by 0.3`, or `W1, W2 and W3 by 0.3 each`, or `W1 by 0.3 and W2 by 0.4`.
fn scaled(parameters: &[(String, f64)]) -> String {
    let factor = |x: &f64| significant(*x, 3);
    let all: Vec<String> = parameters.iter().map(|(name, _)| name.clone()).collect();
    match parameters {
        [(name, x)] => format!("{name} by {}", factor(x)),
        [(_, first), rest @ ..] if rest.iter().all(|(_, x)| factor(x) == factor(first)) => {
            format!("{} by {} each", names(&all), factor(first))
        }
        _ => {
            names(&parameters.iter().map(|(name, x)| format!("{name} by {}", factor(x))).collect::<Vec<_>>())
        }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scale { parameters, predicted } => {
                write!(f, "Scale {}", scaled(parameters))?;
                if predicted.is_empty() {
                    return f.write_str(".");
                }
                let text = |(name, value): &(&str, f64)| format!("{name} {}", significant(*value, 3));
                write!(f, ": predicted {}.", predicted.iter().map(text).collect::<Vec<_>>().join(", "))
            }
            Self::Centre { parameters } => {
                let (all, factors): (Vec<_>, Vec<_>) = parameters.iter().cloned().unzip();
                let whose = if all.len() == 1 { "its mean" } else { "their means" };
                write!(f, "Subtract {whose} from {}", names(&all))?;
                if factors.iter().all(|&factor| factor == 1.0) {
                    return f.write_str(".");
                }
                let changed: Vec<_> =
                    parameters.iter().filter(|(_, factor)| *factor != 1.0).cloned().collect();
                write!(f, ", then scale {}.", scaled(&changed))
            }
            Self::Set { parameters, value } => {
                write!(f, "Set {} to {}.", names(parameters), significant(*value, 3))
            }
            Self::Redraw { parameters, std } => {
                let each = if parameters.len() > 1 { ", each on its own" } else { "" };
                let std = std.map_or(String::new(), |std| format!(" with std {}", significant(std, 3)));
                write!(f, "Redraw {}{each}{std}.", names(parameters))
            }
            Self::NormaliseInput { site, mean, std } => {
                let (mean, std) = (significant(*mean, 3), significant(*std, 3));
                write!(f, "Subtract the mean, {mean}, from {site}, then divide by its std, {std}.")
            }
        }
    }
}
