//! An artifact: one table or figure of the lesson.

use cli::table::{self, Table};
use plot::Figure;
use serde_json::{Value, json};

use crate::lesson::Lesson;

/// A table or figure that is reproduced by name from the lesson, or from another source `L`.
pub struct Artifact<L: 'static = Lesson> {
    /// Its name on the command line and of its files.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Computes it; pure.
    pub run: fn(&L) -> Output,
}

/// The result of an artifact. The table is the truth: a figure is drawn from it.
pub struct Output {
    /// The numbers; filed as CSV.
    pub table: Table,
    /// The form in which readers see the numbers.
    pub shown: Shown,
    /// A few rows that stand for the table in a document's summary.
    pub brief: Option<Table>,
    /// Remarks below.
    pub notes: Vec<String>,
}

/// The form in which readers see an output.
pub enum Shown {
    /// One line.
    Line(String),
    /// The table.
    Table,
    /// The table in a document, and this list in the terminal, where the table would be too wide.
    Listed(Vec<(String, String)>),
    /// A picture, with the table if it is short.
    Figure {
        /// The picture.
        figure: Box<Figure>,
        /// `true` to print the table beside it.
        with_table: bool,
    },
}

impl Output {
    fn new(table: Table, shown: Shown) -> Self {
        Self { table, shown, brief: None, notes: Vec::new() }
    }

    /// Shown as a table.
    pub fn table(table: Table) -> Self {
        Self::new(table, Shown::Table)
    }

    /// An output that is shown as a line.
    pub fn line(table: Table, line: String) -> Self {
        Self::new(table, Shown::Line(line))
    }

    /// Shown as a picture.
    pub fn figure(table: Table, figure: Figure, with_table: bool) -> Self {
        Self::new(table, Shown::Figure { figure: Box::new(figure), with_table })
    }

    /// Shown as a table in a document, and as a list of `(heading, text)` in the terminal.
    pub fn listed(table: Table, entries: Vec<(String, String)>) -> Self {
        Self::new(table, Shown::Listed(entries))
    }

    /// Adds a short table for a document's summary.
    #[must_use]
    pub fn brief(mut self, brief: Table) -> Self {
        self.brief = Some(brief);
        self
    }

    /// Adds remarks below.
    #[must_use]
    pub fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The files that hold it, of this name and an extension each: `(name, bytes)`, the CSV first.
    pub fn files(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![(format!("{name}.csv"), self.table.csv())];
        if let Shown::Figure { figure, .. } = &self.shown {
            files.push((format!("{name}.svg"), figure.svg().into_bytes()));
            files.push((format!("{name}.png"), figure.png()));
        }
        files
    }

    /// Extensions of the files that hold it.
    pub fn extensions(&self) -> &'static [&'static str] {
        match self.shown {
            Shown::Figure { .. } => &["csv", "svg", "png"],
            _ => &["csv"],
        }
    }
}

impl<L> Artifact<L> {
    /// The text for the terminal, wrapped to `width` columns.
    pub fn text(&self, output: &Output, width: u16) -> String {
        let body = match &output.shown {
            Shown::Line(line) => return format!("{line}\n"),
            Shown::Table => format!("{}\n", output.table.text(width)),
            Shown::Listed(entries) => format!("{}\n", table::list(entries, width)),
            Shown::Figure { with_table, .. } => {
                let files = format!("  drawn in {id}.svg and {id}.png\n", id = self.id);
                if *with_table { format!("{}\n{files}", output.table.text(width)) } else { files }
            }
        };
        let notes: String =
            output.notes.iter().map(|note| format!("{}\n", table::wrapped(note, width))).collect();
        format!("\n{}\n{body}{notes}", self.title)
    }

    /// The Markdown for a document; pictures are linked below `link`.
    pub fn markdown(&self, output: &Output, link: &str) -> String {
        let without_table = matches!(output.shown, Shown::Line(_) | Shown::Figure { with_table: false, .. });
        let table = (!without_table).then(|| output.table.markdown());
        self.paragraphs(output, link, table)
    }

    /// The Markdown for a document that is a text: the picture, the brief table if there is one, and a link to the full table's file.
    pub fn summary(&self, output: &Output, link: &str) -> String {
        if let Shown::Line(_) = output.shown {
            return self.markdown(output, link);
        }
        let file =
            format!("All {} rows: [{id}.csv]({link}{id}.csv).", output.table.row_count(), id = self.id);
        let brief = output.brief.as_ref().map(Table::markdown);
        self.paragraphs(output, link, brief.into_iter().chain([file]))
    }

    /// The line or the picture, the tables, and the notes.
    fn paragraphs(&self, output: &Output, link: &str, tables: impl IntoIterator<Item = String>) -> String {
        let first = match &output.shown {
            Shown::Line(line) => Some(line.clone()),
            Shown::Table | Shown::Listed(_) => None,
            Shown::Figure { .. } => Some(format!("![{}]({link}{}.svg)", self.title, self.id)),
        };
        let parts = first.into_iter().chain(tables).chain(output.notes.iter().cloned());
        parts.collect::<Vec<_>>().join("\n\n") + "\n"
    }

    /// The JSON for a program.
    pub fn json(&self, output: &Output) -> Value {
        json!({ "id": self.id, "title": self.title, "rows": output.table.json(), "notes": output.notes })
    }
}
