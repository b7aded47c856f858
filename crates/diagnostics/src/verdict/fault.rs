//! Verdicts, and the faults that they report.

use std::fmt;

use super::{Estimate, Fix};
use crate::format::significant;

/// Declares the faults, and lists them.
macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident,)*) => {
        /// The faults that a verdict can report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[$doc])* $fault,)*
        }

        impl Fault {
            /// All faults.
            pub const ALL: &[Self] = &[$(Self::$fault),*];
        }
    };
}

faults! {
    /// NaN or infinity.
    NotFinite,
    /// An embedding whose rows are far from unit size, as if a lookup had a fan-in.
    Embedding,
    /// A parameter whose mean or std is not that of its scheme.
    Distribution,
    /// A layer most of whose units are 0 in every example.
    Dead,
    /// A layer whose bias dominates its pre-activations.
    Biased,
    /// A layer with too many activations near the ends of its function's range.
    Saturated,
    /// A layer whose weights make signals larger than its function can keep.
    TooLarge,
    /// A layer whose weights make signals smaller than its function can keep.
    TooSmall,
    /// Activations that grow exponentially with depth.
    ForwardExplodes,
    /// Activations that shrink exponentially with depth.
    ForwardVanishes,
    /// Gradients that grow exponentially towards the input.
    BackwardExplodes,
    /// Gradients that shrink exponentially towards the input.
    BackwardVanishes,
    /// Logits so large that the initial loss is far above that of uniform guessing.
    Confident,
}

/// One finding: the fault, its location, the measurement and its limit, the cause and the fix.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The layer or parameter, or `network`.
    pub location: String,
    /// The fault.
    pub fault: Fault,
    /// The measured number that passed the limit.
    pub measured: Estimate,
    /// The limit that it passed, or the value that was expected.
    pub limit: f64,
    /// The finding as a sentence, with its numbers, without the location at its beginning.
    pub finding: String,
    /// The probable cause, if there is one.
    pub cause: Option<String>,
    /// The change that would fix it, if one is known.
    pub fix: Option<Fix>,
}

impl Verdict {
    /// The distance from the limit in standard errors; `None` if the error is unknown.
    pub fn standard_errors(&self) -> Option<f64> {
        self.measured.errors_from(self.limit)
    }
}

/// The finding, followed by lines for its certainty, its cause and its fix.
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
