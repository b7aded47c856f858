//! A report as text and as Markdown: tables of layers and parameters, lines for the network, and the verdicts.

use std::fmt;

use mean_field::Prediction;

use super::list::{self, ListEntry, Wanted};
use super::table::TextTable;
use super::{Judged, Style};
use crate::format::significant;
use crate::judge::Verdict;
use crate::report::{LossCurvature, Report, gradient_flow_of};
use crate::stats::{Geometry, Histogram};

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
        self.judged_text(&self.verdicts().into(), style)
    }

    /// The same with verdicts that a configuration has changed.
    pub fn judged_text(&self, judged: &Judged, style: Style) -> String {
        let theory = self.predictions();
        let tables = self.tables(&judged.verdicts, &theory).into_iter().map(|table| table.aligned(style));
        let mut text = tables.collect::<Vec<_>>().join("\n");
        let verdicts = judged.verdicts.iter().map(|verdict| style.alarm(&verdict.to_string()));
        let verdicts = verdicts.chain(judged.allowed_line()).collect();
        for block in [self.lines(&theory), verdicts].iter().filter(|block| !block.is_empty()) {
            text += &format!("\n{}\n", block.join("\n"));
        }
        text
    }

    /// The same as Markdown.
    pub fn markdown(&self) -> String {
        self.judged_markdown(&self.verdicts().into())
    }

    /// The same with verdicts that a configuration has changed.
    pub fn judged_markdown(&self, judged: &Judged) -> String {
        let theory = self.predictions();
        let tables = self.tables(&judged.verdicts, &theory).into_iter().map(|table| table.markdown());
        let faults = judged.verdicts.iter().map(|verdict| verdict.to_string().replace("\n ", ""));
        let faults = faults.chain(judged.allowed_line());
        let list: String =
            self.lines(&theory).into_iter().chain(faults).map(|line| format!("- {line}\n")).collect();
        tables.chain([list]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The lines for the network as a whole.
    #[cfg(feature = "plot")]
    pub(super) fn network_lines(&self) -> Vec<String> {
        self.lines(&self.predictions())
    }

    /// The tables of layers and of parameters, each if there are any.
    #[cfg(feature = "plot")]
    pub(super) fn text_tables(&self, verdicts: &[Verdict]) -> Vec<TextTable> {
        self.tables(verdicts, &self.predictions())
    }

    /// The tables of layers and of parameters, each if there are any.
    fn tables(&self, verdicts: &[Verdict], theory: &[Prediction]) -> Vec<TextTable> {
        let layers = self.layers.iter().map(|layer| (&*layer.name, &layer.post.histogram));
        let weights = self.weights.iter().map(|weight| (&*weight.name, &weight.weight.histogram));
        let (layers, weights): (Vec<_>, Vec<_>) = (layers.collect(), weights.collect());
        let of_weights: Vec<_> =
            self.weights.iter().map(|weight| list::of_weight(Wanted::Headed, weight)).collect();
        let tables = [
            table("layer", &layers, &self.layer_entries(Wanted::Headed, theory), verdicts),
            table("parameter", &weights, &of_weights, verdicts),
        ];
        tables.into_iter().flatten().collect()
    }

    /// The lines for the network as a whole.
    fn lines(&self, theory: &[Prediction]) -> Vec<String> {
        let mut lines = Vec::new();
        let (activations, gradients) = (self.activation_flow(), self.gradient_flow());
        if activations.layers() + activations.left_out() > 1 {
            lines.push(format!("activations: {activations}"));
        }
        if gradients.layers() + gradients.left_out() > 1 {
            lines.push(format!("gradients, towards the output: {gradients}"));
            let predicted = gradient_flow_of(theory);
            if predicted.layers() > 1 {
                lines.push(format!("  theory: {}× per layer", significant(predicted.rate().exp(), 3)));
            }
        }
        let geometries = self.layers.iter().flat_map(|layer| [layer.geometry, layer.pre_geometry]);
        if geometries.flatten().any(|geometry| geometry.sampled) {
            lines.push(format!(
                "effective rank and mean cosine: from a sample of {} values per example where there are more",
                Geometry::LARGEST
            ));
        }
        lines.extend(self.jacobian.iter().map(|jacobian| format!("Jacobian: {jacobian}")));
        for ListEntry { heading, quantity, value, .. } in list::of_network(Wanted::Headed, self, theory) {
            let line = |(heading, value)| format!("{heading}: {}", quantity.text(value));
            lines.extend(heading.zip(value).map(line));
        }
        lines.extend(self.curvature.map(|_| LossCurvature::MEANING.to_owned()));
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
        rows.iter().map(|(name, _)| verdicts.iter().any(|verdict| names(verdict, name))).collect();
    Some(TextTable::of(columns, &bad))
}

/// The column of the entries at one index of their lists. Cells are empty if an entry has no heading or no value.
fn column(lists: &[Vec<ListEntry>], at: usize) -> Option<(String, Vec<String>)> {
    let heading = lists.iter().find_map(|list| list[at].heading.clone())?;
    let text = |list: &Vec<ListEntry>| {
        let entry = &list[at];
        let shown = entry.heading.as_ref().and(entry.value);
        shown.map_or(String::new(), |value| entry.quantity.text(value))
    };
    Some((heading.into_owned(), lists.iter().map(text).collect()))
}

/// True if an error or a warning is about that layer or parameter.
fn names(verdict: &Verdict, name: &str) -> bool {
    verdict.is_finding() && verdict.locations.iter().any(|location| location == name)
}
