//! Reports as text, Markdown, CSV, JSON and snapshots, all from one list of statistics.

mod csv;
#[cfg(feature = "json")]
mod json;
mod list;
mod quantity;
mod snapshot;
mod statistic;
mod style;
mod table;
mod text;

pub use statistic::{ComparisonScale, Statistic};
pub use style::Style;
