//! The lesson on weight initialisation and the lecture behind it: tables, figures, the audit of claims, published numbers.
//!
//! An [`artifact::Artifact`] is one table or figure. The lesson's are functions of a [`lesson::Lesson`], the lecture's of a
//! [`makemore::lecture::Lecture`]; a [`catalogue::Catalogue`] chooses among them by name, writes and shows them, or compares
//! them with committed files.
#![allow(clippy::missing_errors_doc, reason = "every error is the one line that a command fails with")]

pub mod artifact;
pub mod artifacts;
pub mod audit;
mod beyond;
pub mod catalogue;
mod check;
mod derivation;
pub mod lesson;
pub mod makemore;
pub mod named_init;
pub mod options;
mod outputs;
mod page;
pub mod studies;

use diagnostics::Summary;

/// A figure of all values, as PyTorch has it: NaN where one of them is not finite, though the summary knows the
/// figure of the others.
fn of_all(summary: &Summary, figure: fn(&Summary) -> f64) -> f64 {
    if summary.non_finite > 0 { f64::NAN } else { figure(summary) }
}

/// The slope of the least-squares line through points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), at| (x + at.0 / n, y + at.1 / n));
    let (xy, xx) = points
        .iter()
        .fold((0.0, 0.0), |(xy, xx), at| (xy + (at.0 - x) * (at.1 - y), xx + (at.0 - x).powi(2)));
    xy / xx
}
