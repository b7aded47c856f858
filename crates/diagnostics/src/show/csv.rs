//! A report as CSV: one number a line.

use super::Statistic;
use crate::report::Report;

impl Report {
    /// `location,statistic,value`, a line for each of [`all_statistics`](Self::all_statistics), in full precision; NaN and
    /// infinities as `NaN`, `inf` and `-inf`.
    pub fn csv(&self) -> String {
        let line = |s: &Statistic| format!("{},{},{}\n", quoted(&s.location), quoted(&s.name), s.value + 0.0);
        let lines: String = self.all_statistics().iter().map(line).collect();
        "location,statistic,value\n".to_owned() + &lines
    }
}

/// A field of RFC 4180: in quotes, quotes doubled, where it holds a comma, a quote or a line break.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
