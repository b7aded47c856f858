//! Statistics of activations, gradients and weights, from plain slices of any framework.
//!
//! ```
//! use diagnostics::{LayerView, Report, Settings};
//!
//! let pre = [-4.0_f32, 0.1, 5.0, 0.2]; // two examples of two units
//! let post = pre.map(f32::tanh);
//! let layer = LayerView { name: "Layer 1", units: 2, pre: &pre, post: &post, post_grad: None };
//! let report = Report::of([layer], [], Settings::default());
//! assert_eq!(report.layers[0].saturated, 0.5);
//! assert_eq!(report.layers[0].stuck_units, 1); // the first unit, in every example
//! ```
//!
//! Borrowed slices in, plain data out: a [`Summary`] and a [`Histogram`] of anything, a [`Report`] of the
//! layers of a network. Statistics are accumulated in double precision, in one mergeable pass; NaN and
//! infinity are counted, never errors.
//!
//! **Scope.** What was measured. With the feature `plot`: figures of it, as SVG and PNG.
//!
//! **Out of scope.** Running a network, hooks into a framework, files, the terminal.

mod binning;
mod doubling;
mod extent;
mod format;
mod histogram;
mod lanes;
mod layer;
mod merge;
mod octaves;
mod places;
#[cfg(feature = "plot")]
pub mod plot;
mod quantiles;
mod report;
mod summary;
mod tally;

pub use binning::Binning;
pub use format::{fixed, scientific, signed, significant};
pub use histogram::Histogram;
pub use layer::{LayerReport, LayerView, WeightReport, WeightView};
pub use merge::MergeError;
pub use quantiles::Quantiles;
pub use report::{Report, Settings};
pub use summary::Summary;
