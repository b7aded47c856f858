//! Schemes that know how wide a network is.

use crate::Scheme;

/// The maximal-update parametrisation μP: what changes with the width, so that learning rates do not.
///
/// Widths are counted from a base network, at which everything is as it was tuned; m = width/base. Yang, Hu et al.
/// 2022, table 3, with the standard parametrisation's value in brackets where it differs:
///
/// | weight | variance | SGD's rate | Adam's rate |
/// |---|---|---|---|
/// | [`Input`](MupRole::Input), and every bias | `1/fan_in` | m (1) | 1 |
/// | [`Hidden`](MupRole::Hidden) | `1/fan_in` | 1 | 1/m (1) |
/// | [`Output`](MupRole::Output) | `1/(m·fan_in)` (`1/fan_in`) | 1/m (1) | 1/m (1) |
///
/// Attention takes 1/d in place of 1/√d, which is the network's affair.
///
/// ```
/// use nn_init::{Mup, MupRole, Scheme};
/// let wider = Mup { base: 128, width: 512 };
/// let standard = Scheme::kaiming_normal(1.0);
/// assert_eq!(wider.scheme(MupRole::Hidden, standard), standard);
/// assert_eq!(wider.scheme(MupRole::Output, standard), standard.times(0.5));
/// assert_eq!(wider.adam_rate(MupRole::Hidden), 0.25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mup {
    /// The width at which the network was tuned.
    pub base: usize,
    /// The width that it has.
    pub width: usize,
}

/// Which sides of a weight grow with the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MupRole {
    /// The outputs only: the first layer, embeddings, biases, gains of a normalisation.
    Input,
    /// Both.
    Hidden,
    /// The inputs only: the layer that gives the logits.
    Output,
}

impl Mup {
    /// m = width/base.
    #[track_caller]
    fn ratio(self) -> f64 {
        assert!(
            self.base > 0 && self.width > 0,
            "Mup: widths {} and {} must not be 0",
            self.base,
            self.width
        );
        self.width as f64 / self.base as f64
    }

    /// The scheme of a weight, made of a standard one whose variance is divided by `fan_in`.
    ///
    /// # Panics
    /// If a width is 0.
    #[track_caller]
    pub fn scheme(self, role: MupRole, standard: Scheme) -> Scheme {
        match role {
            MupRole::Input | MupRole::Hidden => standard,
            MupRole::Output => standard.times(1.0 / self.ratio().sqrt()),
        }
    }

    /// What SGD's learning rate is multiplied by.
    ///
    /// # Panics
    /// If a width is 0.
    #[track_caller]
    pub fn sgd_rate(self, role: MupRole) -> f64 {
        match role {
            MupRole::Input => self.ratio(),
            MupRole::Hidden => 1.0,
            MupRole::Output => 1.0 / self.ratio(),
        }
    }

    /// What Adam's learning rate is multiplied by.
    ///
    /// # Panics
    /// If a width is 0.
    #[track_caller]
    pub fn adam_rate(self, role: MupRole) -> f64 {
        match role {
            MupRole::Input => 1.0,
            MupRole::Hidden | MupRole::Output => 1.0 / self.ratio(),
        }
    }
}
