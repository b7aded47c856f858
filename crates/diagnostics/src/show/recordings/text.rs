//! A report as text and as Markdown.

use super::RecordingReport;
use super::groups::Group;
use super::rows::{self, ReportColumn};
use crate::judge::Verdict;
use crate::show::Style;
use crate::show::table::TextTable;

impl RecordingReport {
    /// Aligned tables of sites and parameters, lines for the network, and the verdicts, errors first.
    pub fn text(&self, style: Style) -> String {
        let mut parts: Vec<String> = self.tables().iter().map(|table| table.aligned(style)).collect();
        parts.push(self.lines().join("\n") + "\n");
        let shown = |verdict: &Verdict| {
            let text = verdict.to_string();
            if verdict.is_finding() { style.alarm(&text) } else { text }
        };
        let verdicts: Vec<String> = self.judged.verdicts.iter().map(shown).collect();
        if !verdicts.is_empty() {
            parts.push(verdicts.join("\n") + "\n");
        }
        parts.join("\n")
    }

    /// The same as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts: Vec<String> = self.tables().iter().map(TextTable::markdown).collect();
        let verdicts = self.judged.verdicts.iter().map(|verdict| verdict.to_string().replace("\n ", ""));
        parts.push(self.lines().into_iter().chain(verdicts).map(|line| format!("- {line}\n")).collect());
        parts.join("\n")
    }

    /// The tables of sites and of parameters, each if there are any.
    pub(in crate::show) fn tables(&self) -> Vec<TextTable> {
        let (sites, parameters) = (rows::of_sites(self.first()), rows::of_parameters(self.first()));
        let kinds = |group: &Group| rows::kind(&self.first().sites[group.members[0]]);
        let shapes = |group: &Group| self.shape(group);
        let site = |at: usize| self.first().sites[at].name.as_str();
        let parameter = |at: usize| self.first().parameters[at].name.as_str();
        let tables = [
            self.table(("site", &sites), rows::SITES, ("kind", &kinds), &site),
            self.table(("parameter", &parameters), rows::PARAMETERS, ("shape", &shapes), &parameter),
        ];
        tables.into_iter().flatten().collect()
    }

    /// The sites of each row of the table of sites.
    #[cfg(feature = "plot")]
    pub(in crate::show) fn site_groups(&self) -> Vec<Vec<usize>> {
        rows::of_sites(self.first()).into_iter().map(|group| group.members).collect()
    }

    /// A table of groups: name, number of members, numbers, and a last column of text with the rules that have a verdict there.
    fn table<'a>(
        &self,
        (what, groups): (&str, &[Group]),
        numbers: &[ReportColumn],
        (heading, text): (&str, &dyn Fn(&Group) -> String),
        name: &dyn Fn(usize) -> &'a str,
    ) -> Option<TextTable> {
        if groups.is_empty() {
            return None;
        }
        let count = |group: &Group| match group.members.len() {
            1 => String::new(),
            count => format!("×{count}"),
        };
        let names = |group: &Group| group.members.iter().map(|&at| name(at)).collect::<Vec<_>>();
        let rules: Vec<Vec<&str>> = groups.iter().map(|group| self.rules_at(&names(group))).collect();
        let mut columns = vec![
            (what.to_owned(), groups.iter().map(|group| group.name.clone()).collect()),
            (String::new(), groups.iter().map(count).collect()),
        ];
        for column in numbers {
            let cells = groups.iter().map(|group| self.cell(column, group)).collect();
            columns.push((column.heading.to_owned(), cells));
        }
        let last = groups.iter().zip(&rules).map(|(group, rules)| match rules[..] {
            [] => text(group),
            _ => format!("{}  ← {}", text(group), rules.join(", ")),
        });
        columns.push((heading.to_owned(), last.collect()));
        let bad: Vec<bool> = rules.iter().map(|rules| !rules.is_empty()).collect();
        Some(TextTable::of(columns, &bad))
    }
}
