//! What would fix a fault.

use std::fmt;

use crate::format::{fixed, significant};

/// A change of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Fix {
    /// Multiply it.
    Scale {
        /// Its name.
        parameter: String,
        /// By this.
        factor: f64,
        /// What theory says the layer's activations are then: their std, and the share saturated where there is one.
        predicted: Option<(f64, Option<f64>)>,
    },
    /// Set it to 0.
    Zero {
        /// Its name.
        parameter: String,
    },
    /// Draw it again.
    Redraw {
        /// Its name.
        parameter: String,
    },
    /// Multiply what makes the logits: the loss that follows.
    Quiet {
        /// The names of the weight and the bias.
        parameters: Vec<String>,
        /// By this.
        factor: f64,
        /// The loss that follows, in nats.
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
