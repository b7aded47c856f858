//! Verdicts as annotations of GitHub's workflows.

use crate::judge::{Level, Verdict};

/// One line per verdict, such as `::error title=saturated at fc1::…`, which GitHub shows beside a run of a workflow.
pub fn github(verdicts: &[Verdict]) -> String {
    verdicts.iter().map(of_verdict).collect()
}

/// One annotation as a line: its level, its title, and its text.
pub fn annotation(level: Level, title: &str, text: &str) -> String {
    let command = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    format!("::{command} title={}::{}\n", property(title), data(text))
}

fn of_verdict(verdict: &Verdict) -> String {
    let title = format!("{} at {}", verdict.rule, verdict.location());
    let text = verdict.to_string();
    // The level and the rule are in the annotation already.
    let text = text.split_once("] ").map_or(&*text, |(_, text)| text);
    annotation(verdict.level, &title, text)
}

/// A message, in which line breaks and percent signs are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, in which colons and commas end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
