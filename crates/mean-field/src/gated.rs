//! Gated pairs.

use tensor::Activation;

use crate::{slope_squared, value_squared};

/// The expected scales of a gated pair `u·φ(g)`, in which the gate φ(g) multiplies the value u (Dauphin et al. 2017;
/// Shazeer 2020).
///
/// u and g are independent and `N(0, q)`, as two linear maps of one input make them.
///
/// | pair | φ | rms at q = 1 | backward |
/// |---|---|---|---|
/// | GLU | sigmoid | 0.541645 | 0.338215 |
/// | SwiGLU | SiLU | 0.596469 | 0.735258 |
/// | GEGLU | GELU | 0.652090 | 0.881072 |
/// | ReGLU | ReLU | 0.707107 | 1 |
///
/// ```
/// use mean_field::{Activation, Gated};
/// let pair = Gated::of(Activation::Relu, 1.0);
/// assert!((pair.rms - 0.5_f64.sqrt()).abs() < 1e-13 && (pair.backward - 1.0).abs() < 1e-13);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gated {
    /// The root mean square of the output: `√(q·E φ(g)²)`.
    pub rms: f64,
    /// `E φ(g)² + q·E φ′(g)²`: the second moments of the gradients at u and g, added, over that at the output. With
    /// weights of variance 1/units before both, it is the growth of the gradient's second moment on the way to their
    /// common input.
    pub backward: f64,
}

impl Gated {
    /// The scales for a gate φ and inputs of variance q, by quadrature with a relative error below 1e-13.
    pub fn of(gate: Activation, q: f64) -> Self {
        let (value, slope) = (value_squared(gate, q), slope_squared(gate, q));
        Self { rms: (q * value).sqrt(), backward: value + q * slope }
    }
}
