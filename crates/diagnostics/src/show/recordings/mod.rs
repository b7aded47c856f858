//! Reports of recordings: tables of sites and parameters, lines for the network, and the verdicts.

mod csv;
mod github;
mod groups;
#[cfg(feature = "json")]
mod json;
mod lines;
mod rows;
mod statistics;
mod text;

pub use github::{annotation, github};

use super::Judged;
use crate::judge::{Estimate, Limits};
use crate::sites::{Recording, RecordingError};

/// Recordings of one network at several seeds or batches, with the verdicts on them.
///
/// ```
/// use diagnostics::{Activation, Limits, Recording, RecordingReport, SiteAxes, SiteKind, SiteView, Style};
///
/// let values = [0.9_f32, -0.2, 0.4, -1.0];
/// let site = SiteView::new("tanh", SiteKind::Activation, &values[..], SiteAxes::rows(2, 2, 1));
/// let recording = Recording::of(vec![site.function(Activation::Tanh).measure()], vec![])?;
/// let report = RecordingReport::of(vec![recording], &Limits::default())?;
/// assert!(report.text(Style::Plain).starts_with("site "));
/// # Ok::<(), diagnostics::RecordingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecordingReport {
    /// The recordings.
    pub recordings: Vec<Recording>,
    /// The verdicts on them.
    pub judged: Judged,
}

impl RecordingReport {
    /// Judges recordings of one network.
    ///
    /// # Errors
    /// If there are no recordings, or two of them are of different networks.
    pub fn of(recordings: Vec<Recording>, limits: &Limits) -> Result<Self, RecordingError> {
        let Some(first) = recordings.first() else {
            return Err(RecordingError("no recording: at least one is needed".to_owned()));
        };
        for (at, other) in recordings.iter().enumerate().skip(1) {
            if let Some(difference) = first.network_difference(other) {
                return Err(RecordingError(format!("recordings 1 and {} differ: {difference}", at + 1)));
            }
        }
        let judged = limits.judge_recordings(&recordings).into();
        Ok(Self { recordings, judged })
    }

    /// The recording whose names and structure all share.
    fn first(&self) -> &Recording {
        &self.recordings[0]
    }

    /// The mean of a number over the recordings; NaN if one of them lacks it.
    fn mean(&self, of: impl Fn(&Recording) -> f64) -> f64 {
        Estimate::over(&self.recordings.iter().map(of).collect::<Vec<_>>()).value
    }
}

impl Recording {
    /// The first difference between the networks of two recordings, as a sentence without its end: in a site's name, kind or
    /// inputs, or a parameter's name or shape. `None` if they are one network.
    pub fn network_difference(&self, other: &Self) -> Option<String> {
        for at in 0..self.sites.len().max(other.sites.len()) {
            let (Some(ours), Some(theirs)) = (self.sites.get(at), other.sites.get(at)) else {
                return Some(one_has_more("sites", self.sites.len(), other.sites.len()));
            };
            if ours.name != theirs.name {
                return Some(format!(
                    "site {} is {} in one and {} in the other",
                    at + 1,
                    ours.name,
                    theirs.name
                ));
            }
            let name = &ours.name;
            if ours.kind != theirs.kind {
                return Some(format!(
                    "site {name} is of kind {} in one and {} in the other",
                    ours.kind, theirs.kind
                ));
            }
            if ours.inputs != theirs.inputs {
                return Some(format!("site {name} reads other sites in one than in the other"));
            }
        }
        for at in 0..self.parameters.len().max(other.parameters.len()) {
            let (Some(ours), Some(theirs)) = (self.parameters.get(at), other.parameters.get(at)) else {
                return Some(one_has_more("parameters", self.parameters.len(), other.parameters.len()));
            };
            let (name, shape) = (&ours.name, &ours.shape);
            if *name != theirs.name {
                return Some(format!(
                    "parameter {} is {name} in one and {} in the other",
                    at + 1,
                    theirs.name
                ));
            }
            if *shape != theirs.shape {
                return Some(format!(
                    "parameter {name} is {shape:?} in one and {:?} in the other",
                    theirs.shape
                ));
            }
        }
        None
    }
}

fn one_has_more(what: &str, ours: usize, theirs: usize) -> String {
    format!("one has {ours} {what} and the other {theirs}")
}
