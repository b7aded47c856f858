//! Scales that depend on the depth of a residual network.

use crate::Scheme;

/// `1/√(2L)` for L blocks: the factor on the weights at the end of a residual branch.
///
/// Each block adds two branches to the stream (attention and MLP). With this factor the variance of the stream does not
/// grow with L. Radford et al. 2019, §2.3: "1/√N where N is the number of residual layers", N = 2L.
///
/// ```
/// use nn_init::{Scheme, residual_factor};
/// let gpt2 = Scheme::Normal { mean: 0.0, std: 0.02 };
/// let projection = gpt2.times(residual_factor(12)); // `c_proj` in each of 12 blocks
/// assert_eq!(projection, Scheme::Normal { mean: 0.0, std: 0.02 / 24f64.sqrt() });
/// ```
///
/// # Panics
/// If `blocks` is 0.
#[track_caller]
pub fn residual_factor(blocks: usize) -> f64 {
    assert!(blocks > 0, "residual_factor: the number of blocks must be at least 1");
    1.0 / (2.0 * blocks as f64).sqrt()
}

/// Fixup: residual networks without normalisation (Zhang, Dauphin & Ma 2019, §3).
///
/// The last layer of each branch and the classifier are initialised to 0. The other layers of a branch are scaled by
/// `L^(−1/(2m − 2))`. The paper's third rule, scalar biases of 0 and a scalar multiplier of 1, concerns the network.
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
    /// L, the number of residual branches in the network.
    pub branches: usize,
    /// m, the number of layers with weights in each branch.
    pub layers: usize,
}

impl Fixup {
    /// The scheme of a layer in a branch, counted from 0, given the standard scheme of such a layer.
    ///
    /// # Panics
    /// If there is no branch, or no such layer in it.
    #[track_caller]
    pub fn scheme(self, layer: usize, standard: Scheme) -> Scheme {
        let Self { branches, layers } = self;
        assert!(branches > 0, "Fixup: the number of branches must be at least 1");
        assert!(layer < layers, "Fixup: there is no layer {layer} in a branch with {layers} layers");
        if layer + 1 == layers {
            return Scheme::ZEROS;
        }
        standard.times((branches as f64).powf(-1.0 / (2.0 * layers as f64 - 2.0)))
    }
}
