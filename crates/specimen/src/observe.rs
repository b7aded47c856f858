//! One forward and backward pass, handed to diagnostics.

use autograd::Tape;
use diagnostics::{Report, Settings};
use tensor::Real;

use crate::{Batch, Mlp, Model, Parameters};

/// What a network showed before its first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Mean cross-entropy, in nats; ln(classes) for a network that knows nothing and claims nothing.
    pub loss: f64,
    /// Layers and parameters.
    pub report: Report,
}

impl Mlp {
    /// Runs one batch forwards and backwards and measures every layer and parameter.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[track_caller]
    pub fn observe<T: Real>(
        &self,
        parameters: &Parameters<T>,
        batch: &Batch,
        settings: Settings,
    ) -> Observation {
        let model = Model::new(self.network(), parameters.clone());
        let pass = model.pass(&mut Tape::new(), batch);
        let report = model.report(&pass, settings);
        Observation { loss: pass.loss, report }
    }
}
