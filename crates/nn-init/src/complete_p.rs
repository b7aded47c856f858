//! Scales that depend on the width and the depth of a network.

use crate::mup::ratio;
use crate::{MupRole, Scheme};

/// `CompleteP`: scales and learning rates that transfer between widths and depths (Dey et al. 2025, arXiv 2505.01618, by the
/// authors' code for `AdamW`).
///
/// Everything is relative to a base network, for which every hyperparameter stays as it was tuned; m is the width over the
/// base's, l the depth over the base's, and α is [`alpha`](Self::alpha), 1 in the paper's title. A block computes
/// `h + l^−α·F(h)`, and the logits are divided by m.
///
/// | weight | std | Adam's rate | Adam's ε |
/// |---|---|---|---|
/// | [`Input`](MupRole::Input) and [`Output`](MupRole::Output) | 1 | 1 | 1/m |
/// | [`Hidden`](MupRole::Hidden) | 1/√m | l^(α − 1)/m | l^−α/m |
/// | biases and norms inside blocks | | l^(α − 1) | l^−α/m |
///
/// ```
/// use nn_init::{CompleteP, MupRole, Scheme};
/// let larger = CompleteP { base_width: 256, width: 1024, base_depth: 2, depth: 32, alpha: 1.0 };
/// assert_eq!(larger.scheme(MupRole::Hidden, Scheme::GPT2), Scheme::GPT2.times(0.5));
/// assert_eq!(larger.branch_factor(), 1.0 / 16.0);
/// assert_eq!(larger.adam_rate(MupRole::Hidden), 0.25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompleteP {
    /// The width at which the network was tuned.
    pub base_width: usize,
    /// The width of this network.
    pub width: usize,
    /// The number of blocks with which the network was tuned.
    pub base_depth: usize,
    /// The number of blocks of this network.
    pub depth: usize,
    /// The exponent of the depth, from 1/2 to 1.
    pub alpha: f64,
}

impl CompleteP {
    /// m, the ratio of the widths.
    #[track_caller]
    fn wider(self) -> f64 {
        ratio("CompleteP: width", self.base_width, self.width)
    }

    /// l, the ratio of the depths.
    #[track_caller]
    fn deeper(self) -> f64 {
        ratio("CompleteP: depth", self.base_depth, self.depth)
    }

    /// The scheme of a weight, given that of the base network, which does not depend on the width: `normal(0, 0.02)`.
    ///
    /// # Panics
    /// If a width is 0.
    #[track_caller]
    pub fn scheme(self, role: MupRole, base: Scheme) -> Scheme {
        match role {
            MupRole::Input | MupRole::Output => base,
            MupRole::Hidden => base.times(1.0 / self.wider().sqrt()),
        }
    }

    /// `l^−α`: the factor on the output of every residual branch.
    ///
    /// # Panics
    /// If a depth is 0.
    #[track_caller]
    pub fn branch_factor(self) -> f64 {
        self.deeper().powf(-self.alpha)
    }

    /// `1/m`: the factor on the logits.
    ///
    /// # Panics
    /// If a width is 0.
    #[track_caller]
    pub fn output_factor(self) -> f64 {
        1.0 / self.wider()
    }

    /// The factor on Adam's learning rate of a weight.
    ///
    /// # Panics
    /// If a width or a depth is 0.
    #[track_caller]
    pub fn adam_rate(self, role: MupRole) -> f64 {
        match role {
            MupRole::Input | MupRole::Output => 1.0,
            MupRole::Hidden => self.deeper().powf(self.alpha - 1.0) / self.wider(),
        }
    }

    /// The factor on Adam's ε for a weight.
    ///
    /// # Panics
    /// If a width or a depth is 0.
    #[track_caller]
    pub fn adam_epsilon(self, role: MupRole) -> f64 {
        match role {
            MupRole::Input | MupRole::Output => 1.0 / self.wider(),
            MupRole::Hidden => self.branch_factor() / self.wider(),
        }
    }
}
