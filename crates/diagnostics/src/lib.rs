//! Statistics, theory and verdicts for a network before its first training step, from plain slices of any framework.
//!
//! ```
//! use diagnostics::{Activation, LayerView, Report, Settings, WeightView};
//!
//! // The first layer of somebody's model: four examples of three tanh units, as slices of its tensors.
//! let pre = [6.0_f32, -5.0, 0.2, 4.0, 5.0, -0.4, -2.0, 10.0, -0.6, 10.0, 0.0, -0.2];
//! let post = pre.map(f32::tanh);
//! let weight = [6.0_f32, -5.0, 0.2, 4.0, 5.0, -0.4];
//!
//! let layer = LayerView::new("fc1", 3, &post).pre(&pre).activation(Activation::Tanh).weight("fc1.weight");
//! let report = Report::of([layer], [WeightView::new("fc1.weight", &weight)], Settings::default());
//!
//! let verdict = &report.verdicts()[0];
//! assert_eq!((verdict.location(), verdict.rule), ("fc1", "saturated"));
//! assert_eq!(verdict.measured.value, 0.5); // half of the activations are within 1% of ±1
//! ```
//!
//! | question | answer |
//! |---|---|
//! | What is the distribution of these values? | [`ValueStatistics`]: a [`Summary`], [`Quantiles`] and a [`Histogram`] |
//! | Which units are dead or always saturated? | [`UnitCounts`], and [`UnitMap`] for each example |
//! | How many directions do the examples fill? | [`Geometry`] |
//! | What are the numbers of each layer and parameter? | [`Report`], as text, Markdown, CSV and JSON |
//! | What does theory predict for them? | [`Report::predictions`] |
//! | Do activations or gradients grow with depth? | [`Flow`] |
//! | How does the network stretch small changes of its input? | [`Spectrum`] of a Jacobian |
//! | What is wrong, and what would fix it? | [`Report::verdicts`], by [`Limits`] |
//! | What does a recorded network of any framework show? | [`Recording`], [`RecordingReport`], as one [`ReportPage`] too |
//! | What has changed since? | `baseline` (feature `baseline`), [`Report::snapshot`] |
//! | Do activations and updates keep their size in wider or deeper networks? | [`scaling::check`] |
//! | How large are the updates of training? | [`update_ratio`], [`Updates`] |
//!
//! Statistics are accumulated in double precision, in one pass. NaN and infinity are counted, never errors. Moments,
//! quantiles and unit counts of two batches merge; histograms merge if their edges are equal, which
//! [`Settings::mergeable`] ensures.
//!
//! **Features.** `plot`: figures as SVG and PNG. `json`: [reports as JSON](Report). `recording`: recordings
//! as safetensors files. `baseline`: statistical regression tests. Only the last two read files, and only baselines write them.
//!
//! **Out of scope.** Running a network, hooks into a framework, the terminal.

#[cfg(feature = "baseline")]
pub mod baseline;
#[cfg(feature = "plot")]
mod figures;
mod format;
mod judge;
mod parallel;
mod report;
pub mod scaling;
mod show;
mod sites;
mod stats;

#[cfg(feature = "plot")]
pub use figures::DescribedFigure;
pub use format::{fixed, scientific, signed, significant};
pub use judge::{Context, Estimate, Fix, Level, Limits, Rule, Verdict};
pub use mean_field::Prediction;
#[cfg(feature = "plot")]
pub use plot;
pub use report::{
    Expected, LayerReport, LayerView, LossCurvature, LossReport, Report, Role, Settings, WeightReport,
    WeightView,
};
pub use show::{
    ComparisonScale, Judged, RecordingReport, ReportPage, Statistic, Style, TextTable, annotation, github,
};
#[cfg(feature = "recording")]
pub use sites::FileError;
pub use sites::{
    AxisName, InputRole, NormKind, OwnedValues, ParameterStatistics, ParameterView, PassMode, RecordedLoss,
    RecordedParameter, Recording, RecordingError, Site, SiteAxes, SiteInput, SiteKind, SitePrediction,
    SiteStatistics, SiteValues, SiteView,
};
pub use stats::{
    Binning, Flow, Geometry, Histogram, MergeError, Quantiles, Spectrum, Summary, UnitCounts, UnitMap,
    Updates, ValueStatistics, update_ratio,
};
pub use tensor::{Activation, Real};
