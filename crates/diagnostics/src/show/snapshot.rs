//! A report for a snapshot: a few digits of every statistic.

use super::Statistic;
use crate::format::significant;
use crate::report::Report;

impl Report {
    /// One line for each of [`statistics`](Self::statistics), to `digits` significant digits and never `-0`: text for insta.
    ///
    /// The order of sums depends on the CPU, which moves these numbers by about 1e-7 of their size. A number that is so
    /// close to a rounding boundary reads differently elsewhere: at 3 digits one number in ten thousand, at 6 digits one in
    /// ten. Means that cancel to less than a millionth of the std are written as 0. If that is not rare enough, use a
    /// baseline.
    ///
    /// ```
    /// use diagnostics::{LayerView, Report, Settings};
    /// let layer = LayerView::new("Layer 1", 2, &[0.25_f32, -0.125, 0.5, 0.0]);
    /// let report = Report::of([layer], [], Settings::default());
    /// let first = report.snapshot(3).lines().next().unwrap().to_owned();
    /// assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["Layer", "1", "post", "mean", "0.156"]);
    /// ```
    pub fn snapshot(&self, digits: usize) -> String {
        let all = self.statistics();
        let width =
            |text: fn(&Statistic) -> &str| all.iter().map(|s| text(s).chars().count()).max().unwrap_or(0);
        let (location, name) = (width(|s| &s.location), width(|s| &s.name));
        let line = |s: &Statistic| {
            let value = if s.value.abs() <= s.rounding { 0.0 } else { s.value };
            format!("{:<location$}  {:<name$}  {}\n", s.location, s.name, significant(value, digits))
        };
        all.iter().map(line).collect()
    }
}
