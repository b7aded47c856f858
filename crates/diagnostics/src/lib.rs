//! What a network shows before its first step, what theory expects, and what is wrong: from plain slices of any framework.
//!
//! ```
//! use diagnostics::{Fault, LayerView, Report, Settings, WeightView};
//! use tensor::Activation;
//!
//! // Two examples of two features, a weight [in, out] that nobody divided by √fan_in, and what it makes.
//! let x = [2.0_f32, 0.5, -1.0, 2.5];
//! let w = [3.0, -2.5, 2.0, 2.5];
//! let pre: Vec<f32> = (0..4).map(|i| x[i / 2 * 2] * w[i % 2] + x[i / 2 * 2 + 1] * w[2 + i % 2]).collect();
//! let post: Vec<f32> = pre.iter().map(|x| x.tanh()).collect();
//!
//! let layer = LayerView::new("Layer 1", 2, &post).pre(&pre).activation(Activation::Tanh).weight("W1");
//! let report = Report::of([layer], [WeightView::new("W1", &w)], Settings::default()).with_inputs(2, &x);
//! assert_eq!(report.layers[0].above_threshold(), 0.75); // |h| > 0.99
//! assert_eq!(report.layers[0].always_saturated_units(), 1); // the second unit, in both examples
//! assert_eq!(report.verdicts()[0].fault, Fault::Saturated);
//! ```
//!
//! Borrowed slices in, plain data out.
//!
//! | question | answer |
//! |---|---|
//! | What do these values look like? | [`Summary`], [`Quantiles`], [`Histogram`], together a [`ValueStatistics`] |
//! | Which units are dead or stuck? | [`UnitCounts`], and [`UnitMap`] example by example |
//! | How alike are the examples? | [`Geometry`] |
//! | What does each layer show? | [`Report`], in text, Markdown, CSV and JSON |
//! | What does theory expect? | [`Report::predictions`] |
//! | How fast does it grow with depth? | [`Flow`] |
//! | What does it do to small changes of its input? | [`Spectrum`] of a Jacobian |
//! | What is wrong, and what would fix it? | [`Report::verdicts`], by [`Limits`] |
//! | Has anything moved since? | `baseline` (feature `baseline`), [`Report::snapshot`] |
//! | How large are the steps? | [`update_ratio`], [`Updates`] |
//!
//! Statistics are accumulated in double precision, in one mergeable pass; NaN and infinity are counted, never errors.
//!
//! **Features.** `plot`: figures as SVG and PNG. `json`: [reports as JSON](Report). `baseline`: statistical regression tests,
//! the only part that reads and writes files.
//!
//! **Out of scope.** Running a network, hooks into a framework, the terminal.

#[cfg(feature = "baseline")]
pub mod baseline;
#[cfg(feature = "plot")]
mod figures;
mod format;
mod report;
mod show;
mod stats;
mod verdict;

pub use format::{fixed, scientific, signed, significant};
pub use mean_field::Prediction;
#[cfg(feature = "plot")]
pub use plot;
pub use report::{
    Expected, LayerReport, LayerView, LossReport, Report, Role, Settings, WeightReport, WeightView,
};
pub use show::{ComparisonScale, Statistic, Style};
pub use stats::{
    Binning, Flow, Geometry, Histogram, MergeError, Quantiles, Spectrum, Summary, UnitCounts, UnitMap,
    Updates, ValueStatistics, update_ratio,
};
pub use tensor::Activation;
pub use verdict::{Estimate, Fault, Fix, Limits, Verdict};
