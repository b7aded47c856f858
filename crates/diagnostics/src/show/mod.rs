//! Reports as text, Markdown, CSV, JSON and snapshots, all from one list of statistics.

mod csv;
#[cfg(feature = "json")]
mod json;
mod judged;
mod list;
mod page;
mod quantity;
mod recordings;
mod snapshot;
mod statistic;
mod style;
mod table;
mod text;

pub use judged::Judged;
pub use page::ReportPage;
pub use recordings::{RecordingReport, annotation, github};
pub use statistic::{ComparisonScale, Statistic};
pub use style::Style;
pub use table::TextTable;
