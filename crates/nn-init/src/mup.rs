//! Scales that depend on the width of a network.

use crate::Scheme;

/// The maximal-update parametrisation μP: scales and learning rates that transfer between widths.
///
/// Widths are relative to a base network, for which every hyperparameter stays as it was tuned; m = width/base. Yang,
/// Hu et al. 2022, table 3, with the value of the standard parametrisation in brackets where it differs:
///
/// | weight | variance | SGD's rate | Adam's rate |
/// |---|---|---|---|
/// | [`Input`](MupRole::Input), and hidden biases | `1/fan_in` | m (1) | 1 |
/// | [`Hidden`](MupRole::Hidden) | `1/fan_in` | 1 | 1/m (1) |
/// | [`Output`](MupRole::Output) | `1/(m·fan_in)` (`1/fan_in`) | 1/m (1) | 1/m (1) |
///
/// Attention divides by d instead of √d; that part concerns the network. The output's bias has no side that grows with the
/// width: its rate stays.
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
    /// The width of this network.
    pub width: usize,
}

/// The sides of a weight that grow with the width. The paper has these three, so matches may be exhaustive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MupRole {
    /// Only the outputs grow: the first layer, embeddings, hidden biases, gains of a normalisation.
    Input,
    /// Both sides grow.
    Hidden,
    /// Only the inputs grow: the layer that computes the logits.
    Output,
}

impl Mup {
    /// m = width/base.
    #[track_caller]
    fn ratio(self) -> f64 {
        ratio("Mup: width", self.base, self.width)
    }

    /// The scheme of a weight, given a standard scheme whose variance is divided by `fan_in`.
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

    /// The factor on SGD's learning rate.
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

    /// The factor on Adam's learning rate.
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

/// A size over that of the base network.
#[track_caller]
pub(crate) fn ratio(what: &str, base: usize, own: usize) -> f64 {
    assert!(base > 0 && own > 0, "{what} {own} and its base {base} must be at least 1");
    own as f64 / base as f64
}
