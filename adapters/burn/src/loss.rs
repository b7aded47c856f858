//! The loss of a pass, and the outputs that it is read from.

use burn_core::tensor::{Int, Tensor};
use burn_nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use diagnostics::{SiteInput, SiteKind};

use crate::watch::Place;
use crate::watch::tape::{is_open, last, origin, write};

/// The loss of a pass. A pass may return a plain tensor instead; its kind is then `other`, and the outputs are not known.
pub struct Loss {
    pub(crate) value: Tensor<1>,
    pub(crate) kind: String,
    pub(crate) classes: Option<usize>,
    /// The site that the loss is read from.
    pub(crate) outputs: Option<usize>,
}

impl Loss {
    /// The mean cross-entropy of logits `[examples, classes]` and the classes that are right.
    pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>) -> Self {
        let classes = logits.dims()[1];
        let loss = Self::of("cross_entropy", logits, |logits| {
            CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, targets)
        });
        Self { classes: Some(classes), ..loss }
    }

    /// The mean squared error.
    pub fn mse<const D: usize>(outputs: Tensor<D>, targets: Tensor<D>) -> Self {
        Self::of("mse", outputs, |outputs| MseLoss::new().forward(outputs, targets, Reduction::Mean))
    }

    /// Any other loss of a network's outputs, as a mean over examples, with the name of its kind.
    pub fn of<const D: usize>(
        kind: &str,
        outputs: Tensor<D>,
        loss: impl FnOnce(Tensor<D>) -> Tensor<1>,
    ) -> Self {
        let (site, outputs) = if is_open() { outputs_site(outputs, kind) } else { (None, outputs) };
        Self { value: loss(outputs), kind: kind.to_owned(), classes: None, outputs: site }
    }

    /// The loss, `[1]`.
    pub fn into_tensor(self) -> Tensor<1> {
        self.value
    }

    /// The number; NaN if it cannot be read.
    pub(crate) fn number(&self) -> f64 {
        let number = self.value.clone().try_into_vec_as::<f64>().ok();
        number.and_then(|number| number.first().copied()).unwrap_or(f64::NAN)
    }
}

impl From<Tensor<1>> for Loss {
    fn from(value: Tensor<1>) -> Self {
        Self { value, kind: "other".to_owned(), classes: None, outputs: None }
    }
}

/// The site of a network's outputs: the one that computed them, or else, if that was out of sight, one of their own.
fn outputs_site<const D: usize>(outputs: Tensor<D>, loss: &str) -> (Option<usize>, Tensor<D>) {
    match origin(&outputs) {
        Some(SiteInput { site, .. }) => (Some(site), outputs),
        None => {
            let kind = if loss == "cross_entropy" { SiteKind::Logits } else { SiteKind::Other };
            let place = Place::new(kind).named("outputs");
            write(outputs, if D > 1 { place.along(D - 1) } else { place }, last())
        }
    }
}
