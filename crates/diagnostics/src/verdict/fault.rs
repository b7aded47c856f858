//! Verdicts.

use std::fmt;

use super::{Estimate, Fix};
use crate::format::significant;

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// NaN or infinity.
    NotFinite,
    /// An embedding that is far from unit size, as if a lookup had a fan-in.
    Embedding,
    /// A parameter that does not follow the law that it was to be drawn from.
    Distribution,
    /// A layer whose units are 0, whatever enters.
    Dead,
    /// A layer whose pre-activations are mostly its bias.
    Biased,
    /// A layer whose function is at the ends of its range.
    Saturated,
    /// A layer of weights that make signals larger, layer by layer.
    TooLarge,
    /// A layer of weights that make signals smaller, layer by layer.
    TooSmall,
    /// Activations that grow exponentially with depth.
    ForwardExplodes,
    /// Activations that shrink exponentially with depth.
    ForwardVanishes,
    /// Gradients that grow exponentially on their way back.
    BackwardExplodes,
    /// Gradients that shrink exponentially on their way back.
    BackwardVanishes,
    /// Logits so large that the first loss is far above that of a guess.
    Confident,
}

/// One finding: what is wrong where, by how much, against what, and what would fix it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The layer or parameter, or `network`.
    pub location: String,
    /// What is wrong.
    pub fault: Fault,
    /// The number that shows it.
    pub measured: Estimate,
    /// The limit that it passed, or the promise that it broke.
    pub limit: f64,
    /// The finding in words, with its numbers.
    pub finding: String,
    /// Where it comes from, where that is known.
    pub cause: Option<String>,
    /// What would fix it, where that is known.
    pub fix: Option<Fix>,
}

impl Verdict {
    /// By how many standard errors the limit is passed; `None` where the error is not known.
    pub fn standard_errors(&self) -> Option<f64> {
        self.measured.errors_from(self.limit)
    }
}

/// The finding, and on lines of their own how sure it is, its cause and its fix.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.location, self.finding)?;
        if let Some(errors) = self.standard_errors() {
            write!(f, "\n  That is {} standard errors beyond.", significant(errors, 2))?;
        }
        if let Some(cause) = &self.cause {
            write!(f, "\n  {cause}")?;
        }
        match &self.fix {
            Some(fix) => write!(f, "\n  {fix}"),
            None => Ok(()),
        }
    }
}
