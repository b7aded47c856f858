//! A report as CSV: one statistic per line.

use crate::format::csv_field;
use crate::report::Report;

impl Report {
    /// CSV with the columns `location,statistic,value` and a line for each of [`all_statistics`](Self::all_statistics), in
    /// full precision; NaN and infinities as `NaN`, `inf` and `-inf`.
    pub fn csv(&self) -> String {
        let mut text = "location,statistic,value\n".to_owned();
        for statistic in self.all_statistics() {
            let [location, name] = [&statistic.location, &statistic.name].map(|field| csv_field(field));
            // A sum with 0 has no negative zero.
            text += &format!("{location},{name},{}\n", statistic.value + 0.0);
        }
        text
    }
}
