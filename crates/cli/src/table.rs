//! Tables as data, and their four renderings.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle, presets};
use diagnostics::{fixed, scientific, signed, significant};
use serde_json::{Map, Value, json};

use crate::digits::ROUGH;

/// A table: named columns, and rows of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A column's name in files, and its heading for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// In CSV and JSON.
    pub key: &'static str,
    /// In text and Markdown.
    pub heading: &'static str,
}

/// One value, with the digits that readers see.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A number, and its text for readers.
    Number(f64, String),
    /// The shape of a distribution, for readers only: files have the histogram itself.
    Shape(String),
}

impl Cell {
    /// A text cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number shown with `decimals` decimal places.
    pub fn fixed(x: f64, decimals: usize) -> Self {
        Self::Number(x, fixed(x, decimals))
    }

    /// A number shown with `decimals` decimal places and a sign.
    pub fn signed(x: f64, decimals: usize) -> Self {
        Self::Number(x, signed(x, decimals))
    }

    /// A number shown with `decimals` decimal places and an exponent.
    pub fn scientific(x: f64, decimals: usize) -> Self {
        Self::Number(x, scientific(x, decimals))
    }

    /// A fraction, shown in percent with one decimal place.
    pub fn percent(x: f64) -> Self {
        Self::percent_to(x, 1)
    }

    /// A fraction, shown in percent with `decimals` decimal places.
    pub fn percent_to(x: f64, decimals: usize) -> Self {
        Self::Number(x, format!("{}%", fixed(100.0 * x, decimals)))
    }

    /// A number known to `decimals` decimal places, and filed with no more: the rest is rounding.
    pub fn rounded(x: f64, decimals: usize) -> Self {
        let text = signed(x, decimals);
        Self::Number(text.parse().unwrap_or(x), text)
    }

    /// A number behind a `~`: it depends on rounding and differs between machines.
    pub fn rough(x: f64) -> Self {
        Self::Text(format!("{ROUGH}{}", scientific(x, 1)))
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Shape(text) | Self::Number(_, text) => text.clone(),
            Self::Count(count) => count.to_string(),
        }
    }

    /// The text for files: six significant digits, so that another CPU's last bits do not show.
    fn filed(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Count(count) => Some(count.to_string()),
            Self::Number(x, _) => Some(significant(*x, 6)),
            Self::Shape(_) => None,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Shape(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Number(x, _) if x.is_finite() => json!(x),
            Self::Number(x, _) => json!(x.to_string()),
        }
    }
}

impl Table {
    /// An empty table of `(key, heading)` columns.
    pub fn new(columns: &[(&'static str, &'static str)]) -> Self {
        let columns = columns.iter().map(|&(key, heading)| Column { key, heading }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If it does not have one cell per column.
    #[track_caller]
    pub fn push(&mut self, row: Vec<Cell>) {
        assert!(row.len() == self.columns.len(), "{} cells for {} columns", row.len(), self.columns.len());
        self.rows.push(row);
    }

    /// True if there are any rows.
    pub fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// The number of rows.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The keys of the columns that files have.
    pub fn keys(&self) -> Vec<&'static str> {
        self.filed_columns().into_iter().map(|at| self.columns[at].key).collect()
    }

    /// The columns that readers see: a heading, and the text of each cell.
    pub fn shown_columns(&self) -> Vec<(String, Vec<String>)> {
        let cells = |at: usize| self.rows.iter().map(|row| row[at].shown()).collect();
        self.columns.iter().enumerate().map(|(at, column)| (column.heading.to_owned(), cells(at))).collect()
    }

    /// The rows that files have.
    pub fn records(&self) -> Vec<Vec<String>> {
        let columns = self.filed_columns();
        let record = |row: &Vec<Cell>| columns.iter().filter_map(|&at| row[at].filed()).collect();
        self.rows.iter().map(record).collect()
    }

    /// For each column that files have, whether it holds only numbers.
    pub fn numeric(&self) -> Vec<bool> {
        let number = |cell: &Cell| matches!(cell, Cell::Count(_) | Cell::Number(..));
        self.filed_columns().into_iter().map(|at| self.rows.iter().all(|row| number(&row[at]))).collect()
    }

    fn filed_columns(&self) -> Vec<usize> {
        let shape = |at: &usize| self.rows.iter().any(|row| matches!(row[*at], Cell::Shape(_)));
        (0..self.columns.len()).filter(|at| !shape(at)).collect()
    }

    /// The table as the bytes of a CSV file.
    ///
    /// # Panics
    /// Never: a vector takes every record, and all records have the same length.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.keys()).expect("a vector takes every record");
        for record in self.records() {
            writer.write_record(record).expect("all records have one length");
        }
        writer.into_inner().expect("a vector can be flushed")
    }

    /// The table for the terminal: aligned, wrapped to `width` columns.
    pub fn text(&self, width: u16) -> String {
        let mut table = self.arranged(str::to_owned);
        let rule = LineStyle::none().fill('─').junction('─');
        table.load_style(TableStyle::new().header_separator(rule));
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        table.trim_fmt()
    }

    /// The table for a document, in Markdown.
    pub fn markdown(&self) -> String {
        // A bare bar would end a cell.
        let mut table = self.arranged(|text| text.replace('|', "\\|"));
        table.load_style(presets::ASCII_MARKDOWN);
        table.trim_fmt()
    }

    /// The table as a JSON array with one object per row.
    pub fn json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let pairs =
                self.columns.iter().zip(row).map(|(column, cell)| (column.key.to_owned(), cell.json()));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        self.rows.iter().map(object).collect()
    }

    fn arranged(&self, escape: impl Fn(&str) -> String) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.set_header(self.columns.iter().map(|column| escape(column.heading)));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| escape(&cell.shown())));
        }
        for at in 0..self.columns.len() {
            let number = |row: &Vec<Cell>| matches!(row[at], Cell::Count(_) | Cell::Number(..));
            if !self.rows.is_empty() && self.rows.iter().all(number) {
                table
                    .column_mut(at)
                    .expect("a column for each heading")
                    .set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// A list of headings with a text each, wrapped beside its heading to `width` columns.
pub fn list(entries: &[(String, String)], width: u16) -> String {
    let mut table = plain(width);
    table.add_rows(entries.iter().map(|(heading, text)| [heading, text]));
    table.trim_fmt()
}

/// A paragraph, wrapped to `width` columns.
pub fn wrapped(text: &str, width: u16) -> String {
    let mut table = plain(width);
    table.add_row([text]);
    table.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

fn plain(width: u16) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table
}
