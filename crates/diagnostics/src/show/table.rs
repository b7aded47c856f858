//! Tables of texts, aligned or as Markdown.

use super::Style;
#[cfg(feature = "plot")]
use super::page::escaped;

/// Cells under headings, the first and the last column aligned to the left, the others to the right.
///
/// ```
/// use diagnostics::{Style, TextTable};
///
/// let columns = [("tensor", ["fc1", "fc2"]), ("std", ["0.1", "0.25"]), ("found", ["", "wrong-std"])];
/// let columns = columns.map(|(heading, cells)| (heading.to_owned(), cells.map(str::to_owned).to_vec()));
/// let table = TextTable::of(columns.to_vec(), &[false, true]);
/// assert_eq!(table.aligned(Style::Plain), "tensor   std  found\nfc1      0.1\nfc2     0.25  wrong-std\n");
/// ```
#[derive(Clone, Debug)]
pub struct TextTable {
    headings: Vec<String>,
    rows: Vec<TextRow>,
}

#[derive(Clone, Debug)]
struct TextRow {
    cells: Vec<String>,
    bad: bool,
}

impl TextTable {
    /// A table of columns: a heading, and a cell for each row. Columns without any text are left out; rows in `bad` are
    /// those with a verdict.
    pub fn of(columns: Vec<(String, Vec<String>)>, bad: &[bool]) -> Self {
        let columns: Vec<_> =
            columns.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())).collect();
        let row = |at: usize| columns.iter().map(|(_, cells)| cells[at].clone()).collect();
        let rows = bad.iter().enumerate().map(|(at, &bad)| TextRow { cells: row(at), bad }).collect();
        Self { rows, headings: columns.into_iter().map(|(heading, _)| heading).collect() }
    }

    /// Columns as wide as their widest cell and two spaces apart; rows with a verdict in red.
    pub fn aligned(&self, style: Style) -> String {
        let widths: Vec<usize> = (0..self.headings.len()).map(|at| self.width(at)).collect();
        let mut text = style.heading(&line(&self.headings, &widths)) + "\n";
        for TextRow { cells, bad } in &self.rows {
            let line = line(cells, &widths);
            text += &if *bad { style.alarm(&line) } else { line };
            text.push('\n');
        }
        text
    }

    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row.cells[at]).chain([&self.headings[at]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    /// A GitHub table. Bars inside cells are escaped; rows with a verdict are bold in their first column.
    pub fn markdown(&self) -> String {
        let escaped = |cell: &String| cell.replace('|', "\\|");
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let last = self.headings.len().saturating_sub(1);
        let rule =
            (0..=last).map(|at| if at == 0 || at == last { "---" } else { "---:" }.to_owned()).collect();
        let mut text = row(self.headings.iter().map(escaped).collect()) + &row(rule);
        for TextRow { cells, bad } in &self.rows {
            let mut cells: Vec<String> = cells.iter().map(escaped).collect();
            if *bad {
                cells[0] = format!("**{}**", cells[0]);
            }
            text += &row(cells);
        }
        text
    }
}

#[cfg(feature = "plot")]
impl TextTable {
    /// A table of HTML that scrolls sideways; rows with a verdict have the class `bad`. `extra` is a column of HTML, with its
    /// heading, that is put before the last.
    pub fn html(&self, extra: Option<(&str, &[String])>) -> String {
        let classes: Vec<&str> = (0..self.headings.len()).map(|at| self.class(at)).collect();
        let tag = |name: &str, at: usize| format!("<{name}{}", classes[at]);
        let heading =
            |(at, text): (usize, &String)| format!("{} scope=\"col\">{}</th>", tag("th", at), escaped(text));
        let mut headings: Vec<String> = self.headings.iter().enumerate().map(heading).collect();
        let place = headings.len().saturating_sub(1);
        if let Some((text, _)) = extra {
            headings.insert(place, format!("<th class=\"left\" scope=\"col\">{}</th>", escaped(text)));
        }
        let mut rows = String::new();
        for (number, TextRow { cells, bad }) in self.rows.iter().enumerate() {
            let cell = |(at, text): (usize, &String)| match (at, escaped(text)) {
                (0, text) => format!("<th scope=\"row\" title=\"{text}\">{text}</th>"),
                (_, text) => format!("{}>{text}</td>", tag("td", at)),
            };
            let mut cells: Vec<String> = cells.iter().enumerate().map(cell).collect();
            if let Some((_, column)) = extra {
                cells.insert(place, format!("<td>{}</td>", column[number]));
            }
            let class = if *bad { " class=\"bad\"" } else { "" };
            rows += &format!("<tr{class}>{}</tr>\n", cells.concat());
        }
        format!(
            "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>",
            headings.concat()
        )
    }

    /// Words are aligned to the left, and long ones wrap; numbers to the right.
    fn class(&self, at: usize) -> &'static str {
        let longest = self.rows.iter().map(|row| row.cells[at].chars().count()).max().unwrap_or(0);
        let words = self.rows.iter().any(|row| row.cells[at].starts_with(|c: char| c.is_alphabetic()));
        match (words, longest) {
            (true, LONG..) => " class=\"left wrapped\"",
            (true, _) => " class=\"left\"",
            (false, _) => "",
        }
    }
}

/// The number of characters from which words wrap.
#[cfg(feature = "plot")]
const LONG: usize = 40;

fn line(cells: &[String], widths: &[usize]) -> String {
    let last = cells.len() - 1;
    let padded = cells.iter().zip(widths).enumerate().map(|(at, (cell, &width))| {
        let room = " ".repeat(width - cell.chars().count());
        if at == 0 || at == last { format!("{cell}{room}") } else { format!("{room}{cell}") }
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}
