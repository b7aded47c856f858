//! The rows of the tables: a site or a parameter each, or those that repeat in blocks.

use super::RecordingReport;
use super::groups::{Group, Item, groups};
use crate::format::significant;
use crate::sites::{ParameterStatistics, RecordedParameter, Recording, Site, SiteKind, SiteStatistics};

/// A column of numbers: its heading, the number at an index of one recording, and how it is written.
pub(super) struct ReportColumn {
    pub(super) heading: &'static str,
    pub(super) of: fn(&Recording, usize) -> f64,
    pub(super) unit: Unit,
}

/// The form of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Three significant digits.
    Number,
    /// A percentage; nothing if it is 0.
    Share,
}

fn site(recording: &Recording, at: usize) -> &SiteStatistics {
    &recording.sites[at].statistics
}

fn parameter(recording: &Recording, at: usize) -> &ParameterStatistics {
    &recording.parameters[at].statistics
}

/// The columns of the table of sites.
pub(super) const SITES: &[ReportColumn] = &[
    ReportColumn { heading: "rms", of: |r, at| site(r, at).rms, unit: Unit::Number },
    ReportColumn { heading: "theory", of: |r, at| r.prediction(at).rms, unit: Unit::Number },
    ReportColumn { heading: "gradient norm", of: |r, at| site(r, at).gradient_norm(), unit: Unit::Number },
    ReportColumn { heading: "gain", of: gain, unit: Unit::Number },
    ReportColumn { heading: "saturated", of: |r, at| site(r, at).saturated, unit: Unit::Share },
    ReportColumn { heading: "dead", of: dead, unit: Unit::Share },
    ReportColumn { heading: "one-hot", of: |r, at| site(r, at).one_hot, unit: Unit::Share },
    ReportColumn { heading: "not finite", of: |r, at| site(r, at).non_finite, unit: Unit::Number },
];

/// The columns of the table of parameters.
pub(super) const PARAMETERS: &[ReportColumn] = &[
    ReportColumn { heading: "mean", of: |r, at| parameter(r, at).mean, unit: Unit::Number },
    ReportColumn { heading: "std", of: |r, at| parameter(r, at).std, unit: Unit::Number },
    ReportColumn { heading: "rms grad", of: |r, at| parameter(r, at).gradient_rms, unit: Unit::Number },
    ReportColumn { heading: "not finite", of: |r, at| parameter(r, at).non_finite, unit: Unit::Number },
];

/// The measured gain of a product: its root mean square divided by that of what it read. NaN for any other site.
pub(super) fn gain(recording: &Recording, at: usize) -> f64 {
    let read = recording.sites[at].inputs.first().filter(|_| recording.sites[at].kind.is_product());
    read.map_or(f64::NAN, |input| site(recording, at).rms / site(recording, input.site).rms)
}

/// The share of dead units of an activation. NaN for any other site: a pixel or a token may be 0 everywhere.
fn dead(recording: &Recording, at: usize) -> f64 {
    let is_activation = recording.sites[at].kind == SiteKind::Activation;
    if is_activation { site(recording, at).dead_units } else { f64::NAN }
}

/// The rows of sites.
pub(super) fn of_sites(recording: &Recording) -> Vec<Group> {
    let item = |site: &Site| Item {
        name: site.name.clone(),
        kind: kind(site),
        size: significant(site.statistics.units, 9),
    };
    groups(&recording.sites.iter().map(item).collect::<Vec<_>>())
}

/// The rows of parameters.
pub(super) fn of_parameters(recording: &Recording) -> Vec<Group> {
    let item = |parameter: &RecordedParameter| Item {
        name: parameter.name.clone(),
        kind: format!("{:?}", parameter.role),
        size: format!("{:?}", parameter.shape),
    };
    groups(&recording.parameters.iter().map(item).collect::<Vec<_>>())
}

/// The kind of a site, with its function or kind of norm.
pub(super) fn kind(site: &Site) -> String {
    let detail = site.function.map(|function| function.to_string());
    let detail = detail.or_else(|| site.norm.map(|norm| norm.name().to_owned()));
    let kind = site.kind.name().replace('_', " ");
    detail.map_or(kind.clone(), |detail| format!("{kind} {detail}"))
}

impl RecordingReport {
    /// The smallest and the largest mean of a column over the members of a group, as text; empty if nothing was measured.
    pub(super) fn cell(&self, column: &ReportColumn, group: &Group) -> String {
        let values = group.members.iter().map(|&at| self.mean(|recording| (column.of)(recording, at)));
        let (low, high) = values
            .filter(|value| !value.is_nan())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let hidden = column.unit == Unit::Share || column.heading == "not finite";
        if low > high || (hidden && high == 0.0) {
            return String::new();
        }
        let text = |x: f64| match column.unit {
            Unit::Number => significant(x, 3),
            Unit::Share => significant(100.0 * x, 3),
        };
        let [low, high] = [low, high].map(text);
        let percent = if column.unit == Unit::Share { "%" } else { "" };
        if low == high { format!("{low}{percent}") } else { format!("{low}…{high}{percent}") }
    }

    /// The shape of the parameters of a group: of the first and, if they differ, of the last.
    pub(super) fn shape(&self, group: &Group) -> String {
        let text = |at: usize| {
            let shape: Vec<String> = self.first().parameters[at].shape.iter().map(usize::to_string).collect();
            shape.join("×")
        };
        let shapes: Vec<String> = group.members.iter().map(|&at| text(at)).collect();
        match (shapes.first(), shapes.last()) {
            (Some(first), Some(last)) if shapes.iter().any(|shape| shape != first) => {
                format!("{first} … {last}")
            }
            (Some(first), _) => first.clone(),
            _ => String::new(),
        }
    }

    /// The rules with a verdict at one of these names, each once.
    pub(super) fn rules_at(&self, names: &[&str]) -> Vec<&'static str> {
        let mut rules: Vec<&'static str> = vec![];
        for verdict in &self.judged.verdicts {
            let here = verdict.locations.iter().any(|location| names.contains(&location.as_str()));
            if here && !rules.contains(&verdict.rule) {
                rules.push(verdict.rule);
            }
        }
        rules
    }
}
