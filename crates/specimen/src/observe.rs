//! One forward and backward pass, measured by diagnostics.

use autograd::Tape;
use diagnostics::{Report, Settings};
use tensor::Real;

use crate::{Batch, Model, Network, Parameters};

/// The loss and the measurements of one pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Mean cross-entropy, in nats; ln(classes) if every class is equally likely.
    pub loss: f64,
    /// Statistics of layers and parameters.
    pub report: Report,
}

impl Network {
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
        let model = Model::new(self.clone(), parameters.clone());
        let pass = model.pass(&mut Tape::new(), batch);
        let report = model.report(&pass, settings);
        Observation { loss: pass.loss, report }
    }
}
