//! A network's initial state as a list of sites and parameters.

use std::fmt;

use super::kind::named;
use super::{RecordedParameter, Site};
use std::str::FromStr;

named! {
    /// The mode of a pass.
    PassMode: "mode" {
        /// Dropout acts, and norms take their statistics from the batch.
        Train = "train",
        /// Dropout does nothing, and norms use their running statistics.
        Eval = "eval",
    }
}

/// The loss of a recorded pass.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedLoss {
    /// Its value.
    pub value: f64,
    /// The function: `cross_entropy`, `mse`, `binary_cross_entropy` or another.
    pub kind: String,
    /// `mean` or `sum` over examples.
    pub reduction: String,
    /// The number of classes of a classification.
    pub classes: Option<usize>,
    /// The index of the site that it reads.
    pub logits: Option<usize>,
}

impl RecordedLoss {
    /// The loss above that of uniform guessing, in nats; `None` unless it is a mean cross-entropy over a known number of
    /// classes.
    pub fn excess(&self) -> Option<f64> {
        let comparable = self.kind == "cross_entropy" && self.reduction == "mean";
        self.classes.filter(|_| comparable).map(|classes| self.value - (classes as f64).ln())
    }
}

/// One pass of a network before its first training step: sites in the order of execution, and parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The name of the model.
    pub model: String,
    /// The framework and its version.
    pub framework: String,
    /// The mode of the pass.
    pub mode: PassMode,
    /// The seed of the initialisation, if it is known.
    pub seed: Option<u64>,
    /// The learning rate that the caller intends.
    pub learning_rate: Option<f64>,
    /// The largest eigenvalue of the loss's Gauss–Newton matrix, if it is known.
    pub curvature: Option<f64>,
    /// The loss, if there was one.
    pub loss: Option<RecordedLoss>,
    /// The sites. Each reads earlier ones only.
    pub sites: Vec<Site>,
    /// The parameters.
    pub parameters: Vec<RecordedParameter>,
    /// Parameters that no site reads, or only through operations that were not observed.
    pub out_of_sight: Vec<String>,
}

/// A recording that contradicts itself: one line that says what and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(pub(crate) String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl Recording {
    /// A recording of these sites and parameters, of which nothing else is known.
    ///
    /// # Errors
    /// If two sites or two parameters have one name, a site reads itself or a later one, or an index is out of range.
    pub fn of(sites: Vec<Site>, parameters: Vec<RecordedParameter>) -> Result<Self, RecordingError> {
        let recording = Self {
            model: String::new(),
            framework: String::new(),
            mode: PassMode::Train,
            seed: None,
            learning_rate: None,
            curvature: None,
            loss: None,
            sites,
            parameters,
            out_of_sight: vec![],
        };
        recording.check()?;
        Ok(recording)
    }

    /// Checks what [`of`](Self::of) promises, and the index of the logits.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn check(&self) -> Result<(), RecordingError> {
        let error = |text: String| Err(RecordingError(text));
        unique("site", self.sites.iter().map(|site| &*site.name))?;
        unique("parameter", self.parameters.iter().map(|parameter| &*parameter.name))?;
        for (at, site) in self.sites.iter().enumerate() {
            if let Some(input) = site.inputs.iter().find(|input| input.site >= at) {
                return error(format!(
                    "site {}: it reads site {}, which is not earlier",
                    site.name, input.site
                ));
            }
            for index in [site.weight, site.bias].into_iter().flatten() {
                if index >= self.parameters.len() {
                    return error(format!("site {}: there is no parameter {index}", site.name));
                }
            }
        }
        match self.loss.as_ref().and_then(|loss| loss.logits) {
            Some(logits) if logits >= self.sites.len() => error(format!("loss: there is no site {logits}")),
            _ => Ok(()),
        }
    }

    /// The index of the site with that name.
    pub fn site(&self, name: &str) -> Option<usize> {
        self.sites.iter().position(|site| site.name == name)
    }

    /// The index of the parameter with that name.
    pub fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), RecordingError> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            Err(RecordingError(format!("two {what}s are named {}: each needs a name of its own", pair[0])))
        }
        None => Ok(()),
    }
}
