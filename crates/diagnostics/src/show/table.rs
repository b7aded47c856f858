//! Tables of texts, aligned or as Markdown.

use super::Style;

/// Cells under headers, the first and last column flush left, the others right.
pub(super) struct TextTable {
    headers: Vec<String>,
    rows: Vec<TextRow>,
}

struct TextRow {
    cells: Vec<String>,
    bad: bool,
}

const RED: &str = "31";
const DIM: &str = "2";

impl TextTable {
    /// Of columns: a header and a cell for every row. Columns without any text are left out.
    pub(super) fn of(columns: Vec<(String, Vec<String>)>, bad: &[bool]) -> Self {
        let columns: Vec<_> =
            columns.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())).collect();
        let row = |at: usize| columns.iter().map(|(_, cells)| cells[at].clone()).collect();
        let rows = bad.iter().enumerate().map(|(at, &bad)| TextRow { cells: row(at), bad }).collect();
        Self { rows, headers: columns.into_iter().map(|(header, _)| header).collect() }
    }

    /// Columns as wide as their widest cell, two spaces apart; rows with a verdict in red.
    pub(super) fn aligned(&self, style: Style) -> String {
        let widths: Vec<usize> = (0..self.headers.len()).map(|at| self.width(at)).collect();
        let mut text = style.paint(DIM, &line(&self.headers, &widths)) + "\n";
        for TextRow { cells, bad } in &self.rows {
            let line = line(cells, &widths);
            text += &if *bad { style.paint(RED, &line) } else { line };
            text.push('\n');
        }
        text
    }

    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row.cells[at]).chain([&self.headers[at]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    /// A GitHub table; a bar inside a cell is escaped, rows with a verdict are bold in their first column.
    pub(super) fn markdown(&self) -> String {
        let escaped = |cell: &String| cell.replace('|', "\\|");
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let last = self.headers.len().saturating_sub(1);
        let rule =
            (0..=last).map(|at| if at == 0 || at == last { "---" } else { "---:" }.to_owned()).collect();
        let mut text = row(self.headers.iter().map(escaped).collect()) + &row(rule);
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

fn line(cells: &[String], widths: &[usize]) -> String {
    let last = cells.len() - 1;
    let padded = cells.iter().zip(widths).enumerate().map(|(at, (cell, &width))| {
        let room = " ".repeat(width - cell.chars().count());
        if at == 0 || at == last { format!("{cell}{room}") } else { format!("{room}{cell}") }
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}
