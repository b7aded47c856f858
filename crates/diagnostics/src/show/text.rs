//! A report as text and as Markdown: tables of layers and parameters, lines for the network, and the verdicts.

use std::fmt;

use super::Style;
use super::list::{self, ListEntry};
use super::table::TextTable;
use crate::format::significant;
use crate::report::Report;
use crate::stats::Histogram;
use crate::verdict::Verdict;

/// The characters of a small histogram.
const SPARK: usize = 25;

/// Aligned tables, without colours.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Style::Plain))
    }
}

impl Report {
    /// Aligned tables with a small histogram in each row, lines for the network, and the verdicts.
    pub fn text(&self, style: Style) -> String {
        let verdicts = self.verdicts();
        let tables = self.tables(&verdicts).into_iter().flatten().map(|table| table.aligned(style));
        let mut text = tables.collect::<Vec<_>>().join("\n");
        let verdicts = verdicts.iter().map(|verdict| style.alarm(&verdict.to_string())).collect();
        for block in [self.lines(), verdicts].iter().filter(|block| !block.is_empty()) {
            text += &format!("\n{}\n", block.join("\n"));
        }
        text
    }

    /// The same as Markdown.
    pub fn markdown(&self) -> String {
        let verdicts = self.verdicts();
        let tables = self.tables(&verdicts).into_iter().flatten().map(|table| table.markdown());
        let lines = self.lines().into_iter().chain(verdicts.iter().map(|v| v.to_string().replace("\n ", "")));
        let list: String = lines.map(|line| format!("- {line}\n")).collect();
        tables.chain([list]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The tables of layers and of parameters, each if there are any.
    fn tables(&self, verdicts: &[Verdict]) -> [Option<TextTable>; 2] {
        let layers = self.layers.iter().map(|layer| (&*layer.name, &layer.post.histogram));
        let weights = self.weights.iter().map(|weight| (&*weight.name, &weight.weight.histogram));
        [
            table("layer", &layers.collect::<Vec<_>>(), &self.layer_entries(), verdicts),
            table(
                "parameter",
                &weights.collect::<Vec<_>>(),
                &self.weights.iter().map(list::of_weight).collect::<Vec<_>>(),
                verdicts,
            ),
        ]
    }

    /// The lines for the network as a whole.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let (activations, gradients) = (self.activation_flow(), self.gradient_flow());
        if activations.layers() + activations.left_out() > 1 {
            lines.push(format!("activations: {activations}"));
        }
        if gradients.layers() + gradients.left_out() > 1 {
            lines.push(format!("gradients, towards the output: {gradients}"));
            let theory = self.predicted_gradient_flow();
            if theory.layers() > 1 {
                lines.push(format!("  theory: {}× per layer", significant(theory.rate().exp(), 3)));
            }
        }
        lines.extend(self.jacobian.iter().map(|jacobian| format!("Jacobian: {jacobian}")));
        for entry in list::of_network(self) {
            lines.extend(
                entry
                    .heading
                    .zip(entry.value)
                    .map(|(heading, value)| format!("{heading}: {}", entry.quantity.text(value))),
            );
        }
        lines
    }
}

/// A table with a row for each list of entries: its name, a column for each entry with a heading, and its histogram.
fn table(
    what: &str,
    rows: &[(&str, &Histogram)],
    lists: &[Vec<ListEntry>],
    verdicts: &[Verdict],
) -> Option<TextTable> {
    let entries = lists.first()?.len();
    let mut columns = vec![(what.to_owned(), rows.iter().map(|(name, _)| (*name).to_owned()).collect())];
    columns.extend((0..entries).filter_map(|at| column(lists, at)));
    let sparks = rows.iter().map(|(_, histogram)| histogram.spark(SPARK)).collect();
    columns.push(("min..max".to_owned(), sparks));
    let bad: Vec<bool> =
        rows.iter().map(|(name, _)| verdicts.iter().any(|verdict| verdict.location == *name)).collect();
    Some(TextTable::of(columns, &bad))
}

/// The column of the entries at one place of their lists; empty where an entry has no heading or no value.
fn column(lists: &[Vec<ListEntry>], at: usize) -> Option<(String, Vec<String>)> {
    let heading = lists.iter().find_map(|list| list[at].heading.clone())?;
    let text = |list: &Vec<ListEntry>| {
        let entry = &list[at];
        let shown = entry.heading.as_ref().and(entry.value);
        shown.map_or(String::new(), |value| entry.quantity.text(value))
    };
    Some((heading, lists.iter().map(text).collect()))
}
