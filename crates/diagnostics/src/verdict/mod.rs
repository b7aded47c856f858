//! What is wrong with a network, how sure that is, and what would fix it.
//!
//! Every rule is one file: it looks at a [`Context`] and gives verdicts. The order of the rules is that of causes: what is
//! not finite first, then parameters, then layers, then the network.

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
    /// What is wrong, by the default [`Limits`]; nothing if the network is healthy.
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
    /// What is wrong with a network that was measured at one seed or at several: means over seeds are judged, and
    /// their standard errors say how sure a verdict is.
    ///
    /// A layer that follows a dead one, and everything behind a value that is not finite, is not judged: whatever it
    /// shows comes from there.
    ///
    /// # Panics
    /// If the reports are not of the same layers and parameters.
    #[track_caller]
    pub fn judge(&self, seeds: &[Report]) -> Vec<Verdict> {
        let Some(context) = Context::of(seeds, self) else { return vec![] };
        let unfinished = finite::verdicts(&context);
        if !unfinished.is_empty() {
            return unfinished;
        }
        let mut found = embedding::verdicts(&context);
        found.extend(distribution::verdicts(&context));
        found.extend(layers::verdicts(&context));
        found.extend(flow::verdicts(&context, &found));
        found.extend(loss::verdicts(&context));
        found
    }
}
