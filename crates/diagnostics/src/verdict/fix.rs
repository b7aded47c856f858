//! The changes that would fix a fault.

use std::fmt;

use crate::format::{fixed, significant};

/// A change of parameters that would fix a fault.
///
/// The enum is exhaustive on purpose: the compiler names every place that applies fixes when one is added.
#[derive(Clone, Debug, PartialEq)]
pub enum Fix {
    /// Multiply a parameter by a factor.
    Scale {
        /// The name of the parameter.
        parameter: String,
        /// The factor.
        factor: f64,
        /// The activations that theory predicts after that: their std, and their saturated share if the function is bounded.
        predicted: Option<(f64, Option<f64>)>,
    },
    /// Set a parameter to 0.
    Zero {
        /// The name of the parameter.
        parameter: String,
    },
    /// Draw a parameter again.
    Redraw {
        /// The name of the parameter.
        parameter: String,
    },
    /// Multiply the parameters that produce the logits by a factor.
    Quiet {
        /// The names of the weight and the bias.
        parameters: Vec<String>,
        /// The factor.
        factor: f64,
        /// The loss predicted after that, in nats.
        loss: f64,
    },
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero { parameter } => write!(f, "Set {parameter} to 0."),
            Self::Redraw { parameter } => write!(f, "Draw {parameter} again."),
            Self::Quiet { parameters, factor, loss } => {
                let (factor, loss) = (significant(*factor, 3), fixed(*loss, 2));
                write!(f, "Scale {} by {factor}: predicted loss {loss}.", parameters.join(" and "))
            }
            Self::Scale { parameter, factor, predicted } => {
                write!(f, "Scale {parameter} by {}", significant(*factor, 3))?;
                let Some((std, saturated)) = predicted else { return write!(f, ".") };
                write!(f, ": predicted std {}", significant(*std, 3))?;
                match saturated {
                    Some(share) => write!(f, ", saturated {} %.", fixed(100.0 * share, 1)),
                    None => write!(f, "."),
                }
            }
        }
    }
}
