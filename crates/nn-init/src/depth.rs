//! Schemes that know how deep a residual network is.

use crate::Scheme;

/// `1/√(2L)` for L blocks: the factor on the weights that end a residual branch.
///
/// Each block adds two branches to the stream (attention and MLP); with this factor the stream's variance does not
/// grow with L. Radford et al. 2019, §2.3: "1/√N where N is the number of residual layers", N = 2L.
///
/// ```
/// use nn_init::{Scheme, residual_factor};
/// let gpt2 = Scheme::Normal { mean: 0.0, std: 0.02 };
/// let projection = gpt2.times(residual_factor(12)); // `c_proj` of each of 12 blocks
/// assert_eq!(projection, Scheme::Normal { mean: 0.0, std: 0.02 / 24f64.sqrt() });
/// ```
///
/// # Panics
/// If `blocks` is 0.
#[track_caller]
pub fn residual_factor(blocks: usize) -> f64 {
    assert!(blocks > 0, "residual_factor: a residual network has at least one block");
    1.0 / (2.0 * blocks as f64).sqrt()
}

/// Fixup: residual networks without normalisation (Zhang, Dauphin & Ma 2019, §3).
///
/// The last layer of each branch, and the classifier, start at 0; the other layers of a branch are scaled by
/// `L^(−1/(2m − 2))`. The paper's third rule, scalar biases of 0 and a scalar multiplier of 1, is the network's.
///
/// ```
/// use nn_init::{Fixup, Scheme};
/// let fixup = Fixup { branches: 16, layers: 2 };
/// let he = Scheme::kaiming_normal(2f64.sqrt());
/// assert_eq!(fixup.scheme(0, he), he.times(0.25));
/// assert_eq!(fixup.scheme(1, he), Scheme::ZEROS);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixup {
    /// L, the residual branches of the network.
    pub branches: usize,
    /// m, the layers with weights in each branch.
    pub layers: usize,
}

impl Fixup {
    /// The scheme of a branch's layer, counted from 0, made of a standard one.
    ///
    /// # Panics
    /// If there is no branch, or no such layer in it.
    #[track_caller]
    pub fn scheme(self, layer: usize, standard: Scheme) -> Scheme {
        let Self { branches, layers } = self;
        assert!(branches > 0, "Fixup: a residual network has at least one branch");
        assert!(layer < layers, "Fixup: layer {layer} of a branch with {layers} layers");
        if layer + 1 == layers {
            return Scheme::ZEROS;
        }
        standard.times((branches as f64).powf(-1.0 / (2.0 * layers as f64 - 2.0)))
    }
}
