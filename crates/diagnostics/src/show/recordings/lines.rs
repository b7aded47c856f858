//! Lines about a network as a whole: its origin, its loss, and what was not recorded.

use super::RecordingReport;
use crate::format::significant;
use crate::sites::{RecordedParameter, Recording, Site, SiteKind};

/// The number of names that a line lists.
const NAMED: usize = 6;

impl RecordingReport {
    /// One line per fact: the model, the loss, parameters out of sight, what was not recorded, what is allowed, and the number
    /// of verdicts.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.facts();
        lines.push(self.judged.count_line());
        lines
    }

    /// The same without the number of verdicts.
    pub(in crate::show) fn facts(&self) -> Vec<String> {
        let mut lines = vec![self.origin()];
        lines.extend(self.loss());
        let rates = self.first().learning_rate;
        lines.extend(rates.map(|rate| format!("intended learning rate: {}", significant(rate, 6))));
        let hidden = &self.first().out_of_sight;
        if !hidden.is_empty() {
            lines.push(format!("out of sight: {}", named("parameter", hidden)));
        }
        lines.extend(self.lost());
        lines.extend(self.judged.allowed_line());
        lines
    }

    fn origin(&self) -> String {
        let Recording { model, framework, mode, .. } = self.first();
        let model = if model.is_empty() { "a model without a name" } else { model };
        let framework = if framework.is_empty() { String::new() } else { format!(", {framework}") };
        let known = self.recordings.iter().filter_map(|recording| recording.seed);
        let mut seeds: Vec<String> = known.map(|seed| seed.to_string()).collect();
        seeds.dedup();
        let seeds = match seeds.len() {
            0 => String::new(),
            1 => format!(", seed {}", seeds[0]),
            _ => format!(", seeds {}", seeds.join(", ")),
        };
        let count = self.recordings.len();
        let count = if count == 1 { String::new() } else { format!("; means over {count} recordings") };
        format!("{model}{framework}, {mode} mode{seeds}{count}")
    }

    fn loss(&self) -> Option<String> {
        let first = self.first().loss.as_ref()?;
        let mean = self.mean(|recording| recording.loss.as_ref().map_or(f64::NAN, |loss| loss.value));
        let value = if mean.is_nan() { "not finite".to_owned() } else { significant(mean, 4) };
        let guess = first.classes.filter(|_| first.excess().is_some()).map(|classes| {
            format!("; uniform guessing over {classes} classes: {}", significant((classes as f64).ln(), 4))
        });
        let predicted = self.mean(|recording| recording.predicted_loss().unwrap_or(f64::NAN));
        let theory = if predicted.is_nan() {
            String::new()
        } else {
            format!("; theory for logits of that size: {}", significant(predicted, 4))
        };
        let reduction =
            if first.reduction == "mean" { String::new() } else { format!(", {}", first.reduction) };
        Some(format!(
            "loss ({}{reduction}): {value}{}{theory}",
            first.kind.replace('_', " "),
            guess.unwrap_or_default()
        ))
    }

    /// What rules could not be asked about, because the recordings do not have it.
    pub fn lost(&self) -> Option<String> {
        let recording = self.first();
        let sites = |lacks: fn(&Site) -> bool| recording.sites.iter().filter(|site| lacks(site)).count();
        let parameters = |lacks: &dyn Fn(&RecordedParameter) -> bool| {
            recording.parameters.iter().filter(|parameter| lacks(parameter)).count()
        };
        let counts = [
            (sites(|site| site.statistics.count.is_nan()), "values", "site"),
            (sites(lacks_gradient), "the gradient", "site"),
            (parameters(&|p| p.statistics.count.is_nan()), "values", "parameter"),
            (
                parameters(&|p| {
                    p.trainable && !p.statistics.count.is_nan() && p.statistics.gradient_count.is_nan()
                }),
                "the gradient",
                "trainable parameter",
            ),
            (parameters(&|p| p.hash.is_none()), "the hash", "parameter"),
        ];
        let mut lost: Vec<String> = counts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, what, of)| format!("{what} of {count} {of}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        if recording.loss.is_none() {
            lost.push("the loss".to_owned());
        }
        let text = lost.join(", ");
        (!lost.is_empty()).then(|| format!("not recorded: {text}; rules that need them say nothing there"))
    }
}

/// True for a site with values and without a gradient, unless it is an input, which needs none.
fn lacks_gradient(site: &Site) -> bool {
    site.kind != SiteKind::Input && !site.statistics.count.is_nan() && site.statistics.gradient_count.is_nan()
}

/// `3 parameters: a, b, c`, at most a few of them by name.
fn named(what: &str, names: &[String]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let first = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let rest = names.len().saturating_sub(NAMED);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{} {what}{plural} ({first}{rest})", names.len())
}
