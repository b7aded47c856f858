//! One page of all artifacts, to look at first: what each shows, its figure and its table.

use diagnostics::{ReportPage, TextTable};

use crate::artifact::{Artifact, Output, Shown};

/// The name of the page's file.
pub(crate) const NAME: &str = "index.html";

/// The number of rows up to which a table stands open.
const OPEN: usize = 40;

/// The number of bytes up to which a remark stands in the list of sections.
const SHORT: usize = 80;

/// The page of artifacts in their order.
pub(crate) fn page<L>(title: &str, outputs: &[(&Artifact<L>, Output)]) -> String {
    let mut page = ReportPage::with_contents(title);
    for (_, output) in outputs {
        if let Shown::Line(line) = &output.shown {
            page.line(line);
        }
    }
    for (artifact, output) in outputs {
        add(&mut page, artifact, output);
    }
    page.html()
}

fn add<L>(page: &mut ReportPage, artifact: &Artifact<L>, output: &Output) {
    if let Shown::Line(_) = output.shown {
        return;
    }
    let finding = output.notes.first().filter(|note| note.len() <= SHORT).map_or("", String::as_str);
    page.section_about(artifact.title, finding, "");
    if let Shown::Figure { figure, .. } = &output.shown {
        page.figure(artifact.title, artifact.title, &figure.svg());
    }
    page.html_part(&table(output));
    for note in &output.notes {
        page.paragraph(note);
    }
}

/// The table as readers see it; a long one is folded.
fn table(output: &Output) -> String {
    let rows = output.table.row_count();
    let table = TextTable::of(output.table.shown_columns(), &vec![false; rows]).html(None);
    match rows {
        ..=OPEN => table,
        _ => format!("<details>\n<summary>The table, {rows} rows</summary>\n{table}\n</details>"),
    }
}
