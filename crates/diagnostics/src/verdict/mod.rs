//! The judge: faults of a network, their certainty, and their fixes.
//!
//! Every rule is one file with a function from a [`Context`] to verdicts. Causes are judged before their consequences:
//! values that are not finite first, then parameters, then layers, then the network.

mod bias;
mod context;
mod distribution;
mod embedding;
mod estimate;
mod fault;
mod finite;
mod fix;
mod flow;
mod gains;
mod layers;
mod limits;
mod loss;
mod ratio;
mod repair;
mod scale;
mod units;

use context::Context;

use crate::report::Report;

pub use estimate::Estimate;
pub use fault::{Fault, Verdict};
pub use fix::Fix;
pub use limits::Limits;

impl Report {
    /// The faults of the network by the default [`Limits`]; none if it is healthy.
    ///
    /// ```
    /// use diagnostics::{Fault, LayerView, Report, Settings, WeightView};
    /// use tensor::Activation;
    ///
    /// // One example, three units; the weights are ten times too large.
    /// let (x, w) = ([1.0_f32], [9.0, -11.0, 10.0]);
    /// let post = w.map(f32::tanh);
    /// let layer = LayerView::new("Layer 1", 3, &post).pre(&w).activation(Activation::Tanh).weight("W1");
    /// let report = Report::of([layer], [WeightView::new("W1", &w)], Settings::default()).with_inputs(1, &x);
    ///
    /// let verdicts = report.verdicts();
    /// assert_eq!(verdicts.len(), 1);
    /// assert_eq!(verdicts[0].fault, Fault::Saturated);
    /// assert_eq!(verdicts[0].to_string(), "\
    /// Layer 1 is saturated: 100 % of its activations, where 30 % may be.
    ///   W1 has gain 10; tanh keeps signals and gradients from 0.577 to 1.59.
    ///   Scale W1 by 0.0997: predicted std 0.628, saturated 0.8 %.");
    /// ```
    pub fn verdicts(&self) -> Vec<Verdict> {
        Limits::default().judge(std::slice::from_ref(self))
    }
}

impl Limits {
    /// The faults of a network that was measured at one seed or at several. The means over seeds are judged, and their
    /// standard errors tell how certain a verdict is.
    ///
    /// Layers after a dead one or after a value that is not finite, and then the loss and the growth over depth, are not
    /// judged, because their values are consequences. Parameters always are.
    ///
    /// # Panics
    /// If the reports have different layers or parameters.
    #[track_caller]
    pub fn judge(&self, seeds: &[Report]) -> Vec<Verdict> {
        let Some(context) = Context::of(seeds, self) else { return vec![] };
        let mut found = finite::verdicts(&context);
        let sound = found.is_empty();
        found.extend(embedding::verdicts(&context));
        found.extend(distribution::verdicts(&context));
        found.extend(layers::verdicts(&context));
        if sound {
            found.extend(flow::verdicts(&context, &found));
            found.extend(loss::verdicts(&context));
        }
        found
    }
}
