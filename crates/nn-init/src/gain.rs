//! Gains: what a scale is multiplied by for the activation that follows.

use tensor::Activation;

/// The gain of `torch.nn.init.calculate_gain`; `None` where PyTorch's table has no entry.
///
/// | activation | gain |
/// |---|---|
/// | identity, sigmoid | 1 |
/// | tanh | 5/3 |
/// | ReLU | √2 |
/// | leaky ReLU of slope a | √(2/(1 + a²)) |
/// | SELU | 3/4 |
///
/// Some entries are conventions: 5/3 is not what keeps a variance through tanh.
///
/// ```
/// use nn_init::torch_gain;
/// use tensor::Activation;
/// assert_eq!(torch_gain(Activation::Tanh), Some(5.0 / 3.0));
/// assert_eq!(torch_gain(Activation::Gelu), None);
/// ```
pub fn torch_gain(activation: Activation) -> Option<f64> {
    match activation {
        Activation::Identity | Activation::Sigmoid => Some(1.0),
        Activation::Tanh => Some(5.0 / 3.0),
        Activation::Relu => Some(2f64.sqrt()),
        Activation::LeakyRelu(slope) => Some((2.0 / (1.0 + slope * slope)).sqrt()),
        Activation::Selu => Some(0.75),
        _ => None,
    }
}
