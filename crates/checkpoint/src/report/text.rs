//! The report for readers: text, Markdown, and annotations of a workflow.

use diagnostics::{Level, Style, annotation, significant};

use super::CheckReport;
use crate::{Mention, TensorFinding};

/// The number of further tensors that a finding names; the others are counted.
const NAMED: usize = 6;

impl TensorFinding {
    /// The tensor that it is about; the rules, if it is about none.
    pub fn location(&self) -> &str {
        self.tensors.first().map_or("rules", String::as_str)
    }

    /// Sentences behind the first: other tensors, what it looks like, and how unlikely it is.
    pub fn details(&self) -> Vec<String> {
        let mut details = vec![];
        if let Some((_, others @ [_, ..])) = self.tensors.split_first() {
            let named = others.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let rest = others.len().saturating_sub(NAMED);
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let tensors = if others.len() == 1 { "tensor" } else { "tensors" };
            details.push(format!("Also in {} other {tensors}: {named}{more}.", others.len()));
        }
        match &self.causes[..] {
            [] => {}
            [cause] => details.push(format!("It looks like {cause}.")),
            [cause, others @ ..] => {
                details.push(format!("It looks like {cause}; or {}.", others.join("; or ")));
            }
        }
        if self.p > 0.0 {
            let p = significant(self.p.max(1e-300), 1);
            details.push(format!("A draw as expected deviates as much with a probability of {p} at most."));
        }
        details
    }
}

impl CheckReport {
    /// What was checked, in lines.
    pub fn lines(&self) -> Vec<String> {
        let count = |wanted: fn(&Mention) -> bool| self.resolved.tensors.iter().filter(|m| wanted(m)).count();
        let files = match &self.files[..] {
            [file] => file.clone(),
            files => format!("{} files", files.len()),
        };
        let mut line = format!("{files}: {} tensors, {} values judged", self.tensors.len(), self.values());
        let ignored = count(|mention| matches!(mention, Mention::Ignored { .. } | Mention::NotJudged));
        if ignored > 0 {
            line += &format!(", {ignored} tensors left out");
        }
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
                "as promised: nothing found (false alarms: one in {} files as promised at most)",
                significant(1.0 / self.false_alarms, 3)
            ),
            1 => "found: 1".to_owned(),
            count => format!("found: {count}"),
        });
        lines
    }

    /// The findings alone.
    pub fn findings_text(&self) -> String {
        self.findings.iter().map(|finding| finding_text(finding, Style::Plain)).collect()
    }

    /// What was checked and found, then all tensors, those of repeated blocks in one row.
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
            text += &finding.details().iter().map(|line| format!("  {line}\n")).collect::<String>();
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

fn finding_text(finding: &TensorFinding, style: Style) -> String {
    let head = style.alarm(&format!("error[{}]", finding.kind));
    let mut text = format!("{head} {}: {}\n", finding.location(), finding.message);
    text += &finding.details().iter().map(|line| format!("  {line}\n")).collect::<String>();
    text
}
