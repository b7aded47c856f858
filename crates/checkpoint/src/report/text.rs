//! The report for readers: text, Markdown, and annotations of a workflow.

use diagnostics::{Level, Style, annotation, significant};

use super::CheckReport;
use super::rows::joined_names;
use crate::{Mention, TensorFinding};

/// The number of names, or of names with ranges, that a finding lists; the others are counted.
const NAMED: usize = 6;

impl TensorFinding {
    /// The tensor that it is about; the rules, if it is about none.
    pub fn location(&self) -> &str {
        self.tensors.first().map_or("rules", String::as_str)
    }

    /// Lines behind the first: all tensors if there are several, what it looks like, and how unlikely it is.
    pub fn details(&self) -> Vec<String> {
        let mut details = vec![];
        if self.tensors.len() > 1 {
            let names = joined_names(&self.tensors);
            let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let rest = names.len().saturating_sub(NAMED);
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            details.push(format!("In {}: {named}{more}.", plural(self.tensors.len(), "tensor")));
        }
        match &self.causes[..] {
            [] => {}
            [cause, others @ ..] => {
                details.push(format!("Looks like: {cause}."));
                details.extend(others.iter().map(|other| format!("Or like: {other}.")));
            }
        }
        if self.p > 0.0 {
            let p = significant(self.p.max(1e-300), 1);
            details.push(format!("The probability of this by chance is at most {p}."));
        }
        details
    }
}

impl CheckReport {
    /// A summary of the check, in lines.
    pub fn lines(&self) -> Vec<String> {
        let count = |wanted: fn(&Mention) -> bool| self.resolved.tensors.iter().filter(|m| wanted(m)).count();
        let files = match &self.files[..] {
            [file] => file.clone(),
            files => format!("{} files", files.len()),
        };
        let ignored = count(|mention| matches!(mention, Mention::Ignored { .. } | Mention::NotJudged));
        let mut line = format!("{files}: {}", plural(self.tensors.len(), "tensor"));
        if ignored > 0 {
            line += &format!(", {ignored} of them not judged");
        }
        line += &format!(", {} values judged", thousands(self.values()));
        let mut lines = vec![line];
        let constants: Vec<String> = self
            .resolved
            .constants
            .iter()
            .map(|(name, value)| format!("{name} = {}", significant(*value, 6)))
            .collect();
        if !constants.is_empty() {
            lines.push(format!("with {}", constants.join(", ")));
        }
        lines.push(match self.findings.len() {
            0 => format!(
                "no findings: the values are as expected (false alarms: at most one in {} such files)",
                thousands((1.0 / self.false_alarms).round() as u64)
            ),
            count => match self.tensors.iter().filter(|tensor| self.is_in_a_finding(&tensor.name)).count() {
                0 => format!("{} about the rules", plural(count, "finding")),
                tensors => {
                    format!(
                        "{} in {tensors} of {}",
                        plural(count, "finding"),
                        plural(self.tensors.len(), "tensor")
                    )
                }
            },
        });
        lines
    }

    fn is_in_a_finding(&self, name: &String) -> bool {
        self.findings.iter().any(|finding| finding.tensors.contains(name))
    }

    /// The findings alone.
    pub fn findings_text(&self) -> String {
        self.findings.iter().map(|finding| finding_text(finding, Style::Plain)).collect()
    }

    /// The summary and the findings, then all tensors, those of repeated blocks in one row.
    pub fn text(&self, style: Style) -> String {
        let mut text: String = self.lines().iter().map(|line| format!("{line}\n")).collect();
        for finding in &self.findings {
            text += "\n";
            text += &finding_text(finding, style);
        }
        text + "\n" + &self.table().aligned(style)
    }

    /// The same for a document.
    pub fn markdown(&self) -> String {
        let mut text: String = self.lines().iter().map(|line| format!("{line}  \n")).collect();
        text += "\n";
        for finding in &self.findings {
            text += &format!("- **{}** `{}`: {}\n", finding.kind, finding.location(), finding.message);
            text += &finding.details().iter().map(|line| format!("  - {line}\n")).collect::<String>();
        }
        let gap = if self.findings.is_empty() { "" } else { "\n" };
        text + gap + &self.table().markdown()
    }

    /// An annotation per finding, for a workflow on GitHub.
    pub fn github(&self) -> String {
        let annotations = self.findings.iter().map(|finding| {
            let title = format!("{} in {}", finding.kind, finding.location());
            let text = std::iter::once(finding.message.clone()).chain(finding.details());
            annotation(Level::Error, &title, &text.collect::<Vec<_>>().join("\n"))
        });
        annotations.collect()
    }
}

/// `1 tensor`, `2 tensors`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Digits in groups of three: `1,000,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    groups.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",")
}

fn finding_text(finding: &TensorFinding, style: Style) -> String {
    let head = style.alarm(&format!("error[{}]", finding.kind));
    let mut text = format!("{head} {}: {}\n", finding.location(), finding.message);
    text += &finding.details().iter().map(|line| format!("  {line}\n")).collect::<String>();
    text
}
