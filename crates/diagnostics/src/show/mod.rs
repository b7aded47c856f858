//! Reports as text: aligned, Markdown, CSV, JSON, and a few digits for a snapshot.

mod csv;
mod entries;
#[cfg(feature = "json")]
mod json;
mod snapshot;
mod statistic;
mod style;
mod table;
mod tables;

pub use statistic::{ComparisonScale, Statistic};
pub use style::Style;
