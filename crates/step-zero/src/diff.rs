//! `step-zero diff`: what changed between two recordings.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cli::{Failure, Outcome};
use diagnostics::{NormKind, ParameterStatistics, Recording, Site, SiteStatistics, Verdict, significant};
use serde_json::{Value, json};

use crate::config::Config;
use crate::observe::report_of;

/// Compare two recordings of one model, and exit with 1 if anything changed.
#[derive(Args)]
pub struct Diff {
    /// The recording before.
    pub before: PathBuf,

    /// The recording after.
    pub after: PathBuf,

    /// The difference up to which two numbers are the same: relative to the larger of them, of means and quantiles to the
    /// root mean square, and absolute for shares and cosines.
    #[arg(long, value_name = "FRACTION", default_value_t = 1e-3, value_parser = tolerance)]
    pub tolerance: f64,

    /// The configuration of rules [default: step-zero.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Format of the list of changes.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
}

/// The format of the changes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For the terminal.
    Text,
    /// For a program: one JSON document.
    Json,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let valid = text.parse::<f64>().ok().filter(|fraction| fraction.is_finite() && *fraction >= 0.0);
    valid.ok_or_else(|| "it must be a number, and not negative".to_owned())
}

/// One difference between two recordings.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    /// `site`, `parameter`, `verdict` or `network`.
    subject: &'static str,
    /// The name of the site or parameter, or the rule.
    name: String,
    /// What changed: `kind`, `shape`, the name of a statistic, or `added` and `removed`.
    what: String,
    before: Value,
    after: Value,
}

/// Runs the command: a change is a finding.
pub fn command(options: &Diff) -> Result<Outcome, Failure> {
    let config = Config::find(options.config.as_deref())?;
    let read = |path: &PathBuf| report_of(std::slice::from_ref(path), &config);
    let (before, after) = (read(&options.before)?, read(&options.after)?);
    let mut changes = Changes { tolerance: options.tolerance, found: vec![] };
    changes.networks(&before.recordings[0], &after.recordings[0]);
    changes.verdicts(&before.judged.verdicts, &after.judged.verdicts);
    let text = match options.format {
        DiffFormat::Text => text(&changes.found),
        DiffFormat::Json => json_text(&changes),
    };
    Ok(Outcome::new(text, !changes.found.is_empty()))
}

struct Changes {
    tolerance: f64,
    found: Vec<Change>,
}

impl Changes {
    fn add(&mut self, (subject, name): (&'static str, &str), what: &str, before: Value, after: Value) {
        if before != after {
            self.found.push(Change { subject, name: name.to_owned(), what: what.to_owned(), before, after });
        }
    }

    fn networks(&mut self, before: &Recording, after: &Recording) {
        self.add(("network", "network"), "model", json!(before.model), json!(after.model));
        self.add(("network", "network"), "mode", json!(before.mode.name()), json!(after.mode.name()));
        let loss = |recording: &Recording| recording.loss.as_ref().map_or(f64::NAN, |loss| loss.value);
        self.numbers(("network", "network"), &["loss"], &[loss(before)], &[loss(after)]);
        self.names("site", &names(before, Subject::Site), &names(after, Subject::Site));
        for (at, site) in before.sites.iter().enumerate() {
            if let Some(other) = after.site(&site.name) {
                self.site((before, at), (after, other));
            }
        }
        self.names("parameter", &names(before, Subject::Parameter), &names(after, Subject::Parameter));
        for parameter in &before.parameters {
            let Some(other) = after.parameter(&parameter.name).map(|at| &after.parameters[at]) else {
                continue;
            };
            let of = ("parameter", parameter.name.as_str());
            self.add(of, "shape", json!(parameter.shape), json!(other.shape));
            self.add(of, "dtype", json!(parameter.dtype), json!(other.dtype));
            self.add(of, "trainable", json!(parameter.trainable), json!(other.trainable));
            self.numbers(
                of,
                ParameterStatistics::FIELDS,
                &parameter.statistics.row(),
                &other.statistics.row(),
            );
        }
    }

    fn site(&mut self, (before, at): (&Recording, usize), (after, other): (&Recording, usize)) {
        let (site, new) = (&before.sites[at], &after.sites[other]);
        let of = ("site", site.name.as_str());
        self.add(of, "kind", json!(site.kind.name()), json!(new.kind.name()));
        let function = |site: &Site| site.function.map(|function| function.to_string());
        self.add(of, "function", json!(function(site)), json!(function(new)));
        self.add(of, "norm", json!(site.norm.map(NormKind::name)), json!(new.norm.map(NormKind::name)));
        self.add(of, "dtype", json!(site.dtype), json!(new.dtype));
        self.add(of, "inputs", inputs(before, site), inputs(after, new));
        self.numbers(of, SiteStatistics::FIELDS, &site.statistics.row(), &new.statistics.row());
    }

    fn names(&mut self, subject: &'static str, before: &[&str], after: &[&str]) {
        for name in before.iter().filter(|name| !after.contains(name)) {
            self.add((subject, name), "removed", json!(true), Value::Null);
        }
        for name in after.iter().filter(|name| !before.contains(name)) {
            self.add((subject, name), "added", Value::Null, json!(true));
        }
    }

    fn numbers(&mut self, of: (&'static str, &str), fields: &[&str], before: &[f64], after: &[f64]) {
        let place = fields.iter().position(|&field| field == "rms");
        let rms = place.map_or(0.0, |at| before[at].max(after[at]));
        for ((field, &old), &new) in fields.iter().zip(before).zip(after) {
            if !self.same(old, new, smallest_scale(field, rms)) {
                self.add(of, field, number(old), number(new));
            }
        }
    }

    /// True if two numbers are equal, both NaN, or differ by at most the tolerance times the larger of them or the scale.
    fn same(&self, a: f64, b: f64, scale: f64) -> bool {
        let scale = a.abs().max(b.abs()).max(scale);
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= self.tolerance * scale
    }

    /// Verdicts that are new or gone, by rule and location.
    fn verdicts(&mut self, before: &[Verdict], after: &[Verdict]) {
        let all = |verdicts: &[Verdict]| -> Vec<(String, &'static str)> {
            let each = |verdict: &Verdict| {
                let (rule, level) = (verdict.rule, verdict.level.name());
                verdict.locations.iter().map(move |at| (format!("{rule} at {at}"), level)).collect::<Vec<_>>()
            };
            verdicts.iter().flat_map(each).collect()
        };
        let (before, after) = (all(before), all(after));
        let level = |list: &[(String, &'static str)], name: &str| {
            json!(list.iter().find(|(known, _)| known == name).map(|(_, level)| *level))
        };
        for (name, _) in before.iter().chain(after.iter().filter(|(name, _)| level(&before, name).is_null()))
        {
            self.add(("verdict", name), "level", level(&before, name), level(&after, name));
        }
    }
}

/// The size that a statistic is compared at if it is smaller: a mean that cancels to 1e-9 of the values is rounding.
fn smallest_scale(field: &str, rms: f64) -> f64 {
    match field {
        "mean" | "min" | "max" | "q05" | "q25" | "q50" | "q75" | "q95" | "unit_mean_rms" => rms,
        "skew" | "kurtosis" | "offset" | "mean_cosine" | "row_cosine" | "top_share" | "dead_units"
        | "constant_units" | "equal_units" | "equal_rows" | "saturated" | "always_saturated" | "one_hot"
        | "largest" => 1.0,
        _ => 0.0,
    }
}

#[derive(Clone, Copy)]
enum Subject {
    Site,
    Parameter,
}

fn names(recording: &Recording, subject: Subject) -> Vec<&str> {
    match subject {
        Subject::Site => recording.sites.iter().map(|site| site.name.as_str()).collect(),
        Subject::Parameter => recording.parameters.iter().map(|parameter| parameter.name.as_str()).collect(),
    }
}

fn inputs(recording: &Recording, site: &Site) -> Value {
    let name = |input: &diagnostics::SiteInput| {
        let role = input.role.map_or(String::new(), |role| format!(" ({role})"));
        format!("{}{role}", recording.sites[input.site].name)
    };
    site.inputs.iter().map(name).collect()
}

fn number(x: f64) -> Value {
    match x {
        x if x.is_nan() => Value::Null,
        x if x.is_infinite() => json!(x.to_string()),
        x => json!(x),
    }
}

/// The most sites or parameters that the text lists, and the most changes of one of them.
const LISTED: (usize, usize) = (40, 3);

/// The statistics that the text names first.
const FIRST: [&str; 4] = ["rms", "std", "gradient_rms", "mean"];

fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing changed\n".to_owned();
    }
    let mut text = String::new();
    for (subject, plural) in
        [("network", "network"), ("verdict", "verdicts"), ("site", "sites"), ("parameter", "parameters")]
    {
        let mut names: Vec<(&str, Vec<&Change>)> = vec![];
        for change in changes.iter().filter(|change| change.subject == subject) {
            match names.iter_mut().find(|(name, _)| *name == change.name) {
                Some((_, list)) => list.push(change),
                None => names.push((&change.name, vec![change])),
            }
        }
        if names.is_empty() {
            continue;
        }
        text += &format!("{plural}: {} changed\n", names.len());
        for (name, list) in names.iter().take(LISTED.0) {
            text += &format!("  {name}: {}\n", described(list));
        }
        if names.len() > LISTED.0 {
            text += &format!("  and {} more; --format json lists all\n", names.len() - LISTED.0);
        }
    }
    text
}

/// The changes of one subject: structure first, then the statistics that say most.
fn described(changes: &[&Change]) -> String {
    let mut changes = changes.to_vec();
    let is_number = |change: &Change| change.before.is_number() || change.after.is_number();
    let rank = |change: &Change| match FIRST.iter().position(|&field| field == change.what) {
        _ if !is_number(change) => 0,
        Some(at) => at + 1,
        None => FIRST.len() + 1,
    };
    changes.sort_by_key(|change| rank(change));
    let mut parts: Vec<String> = changes.iter().take(LISTED.1).map(|change| described_one(change)).collect();
    let rest = changes.len().saturating_sub(LISTED.1);
    if rest > 0 {
        parts.push(format!("and {rest} more"));
    }
    parts.join(", ")
}

fn described_one(Change { subject, what, before, after, .. }: &Change) -> String {
    match (*subject, what.as_str()) {
        (_, "added" | "removed") => what.clone(),
        ("verdict", _) if before.is_null() => format!("new ({})", shown(after)),
        ("verdict", _) if after.is_null() => format!("gone (was {})", shown(before)),
        _ => format!("{what} {} → {}{}", shown(before), shown(after), factor(before, after)),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or(number.to_string(), |x| significant(x, 6)),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The factor between two numbers of one sign, in brackets.
fn factor(before: &Value, after: &Value) -> String {
    match (before.as_f64(), after.as_f64()) {
        (Some(a), Some(b)) if a * b > 0.0 => format!(" ({}×)", significant(b / a, 4)),
        _ => String::new(),
    }
}

fn json_text(changes: &Changes) -> String {
    let entry = |Change { subject, name, what, before, after }: &Change| json!({ "subject": subject, "name": name, "what": what, "before": before, "after": after });
    let list: Vec<Value> = changes.found.iter().map(entry).collect();
    let document =
        json!({ "format": "step-zero-diff", "version": 1, "tolerance": changes.tolerance, "changes": list });
    format!("{document:#}\n")
}
