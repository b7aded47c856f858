//! A model under observation: one pass, recorded.

mod axes;
mod layers;
mod names;
mod operations;
mod parameters;
mod pass;
mod place;
pub(crate) mod tape;
mod transformer;

use std::error::Error;
use std::fmt;

use burn_core::module::Module;
use diagnostics::Recording;

pub use layers::Watched;
pub use operations::{Through, residual};
pub use place::Place;
pub use transformer::{Decoded, Masks};

use crate::Loss;

/// The reason why a pass cannot be recorded, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchError(pub(crate) String);

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for WatchError {}

/// Records one pass of a model: its parameters and their gradients, the outputs and the loss, and the sites that the pass
/// comes to.
///
/// The pass returns the [`Loss`], or a tensor that is one. The backward pass follows by itself, unless nothing asks for a
/// gradient. The model, its outputs and its gradients are the same as without a watch.
///
/// A model that knows nothing of this crate shows its parameters, their gradients, its outputs and its loss; the report lists
/// the parameters that no recorded place reads as out of sight. Places inside become sites where its forward pass says
/// [`watched`](Watched::watched) instead of `forward`, [`through`](Through::through) around a function, and [`residual`]
/// for a shortcut.
///
/// ```
/// use burn_core as burn;
/// use burn_core::module::Module;
/// use burn_core::tensor::activation::relu;
/// use burn_core::tensor::{Device, Int, Tensor};
/// use burn_nn::{Linear, LinearConfig};
/// use diagnostics::{Activation, Limits, RecordingReport, Style};
/// use step_zero_burn::{Loss, Through, Watched, watch};
///
/// #[derive(Module, Debug)]
/// struct Net {
///     hidden: Linear,
///     head: Linear,
/// }
///
/// impl Net {
///     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
///         self.head.watched(self.hidden.watched(x).through(Activation::Relu, relu))
///     }
/// }
///
/// let device = Device::flex().autodiff();
/// let net = Net { hidden: LinearConfig::new(4, 64).init(&device), head: LinearConfig::new(64, 3).init(&device) };
/// let x = Tensor::<1, Int>::arange(0..32, &device).float().sin().reshape([8, 4]);
/// let targets = Tensor::<1, Int>::arange(0..8, &device).remainder_scalar(3);
///
/// let recording = watch(&net, |net| Loss::cross_entropy(net.forward(x), targets))?;
/// let names: Vec<&str> = recording.sites.iter().map(|site| site.name.as_str()).collect();
/// assert_eq!(names, ["input", "hidden", "hidden.relu", "head"]);
/// let report = RecordingReport::of(vec![recording], &Limits::default())?;
/// println!("{}", report.text(Style::Plain));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a stated axis contradicts the shape of a weight, the axis of the units cannot be told, a place belongs to another model,
/// the loss is more than one number, or a watch is open on this thread already.
pub fn watch<M: Module, L: Into<Loss>>(
    model: &M,
    pass: impl FnOnce(&M) -> L,
) -> Result<Recording, WatchError> {
    pass::record(model, pass)
}
