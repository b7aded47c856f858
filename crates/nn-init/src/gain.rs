//! Gains: what a scale is multiplied by for the activation that follows.

use std::fmt;
use std::str::FromStr;

use mean_field::{Critical, slope_squared, value_squared};
use tensor::{Activation, ActivationError};

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
/// use nn_init::{Activation, torch_gain};
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

/// What a scale is multiplied by for the activation that follows, and where the number comes from.
///
/// ```
/// use nn_init::{Activation, Gain};
///
/// // PyTorch's 5/3 for tanh is too much by 5 %.
/// let gain = Gain::forward(Activation::Tanh);
/// assert!((gain.value() - 1.592_537_419_722_831).abs() < 1e-14);
/// assert_eq!(gain.to_string(), "forward(tanh)");
/// assert_eq!("forward(tanh)".parse(), Ok(gain));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    value: f64,
    rule: GainRule,
}

/// Where a gain comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum GainRule {
    Number,
    Torch(Activation),
    Forward(Activation),
    Backward(Activation),
    Critical(Activation),
}

impl Gain {
    /// 1: nothing to make up for.
    pub const ONE: Self = Self::number(1.0);

    /// A number of the caller's own.
    pub const fn number(value: f64) -> Self {
        Self { value, rule: GainRule::Number }
    }

    /// PyTorch's, by [`torch_gain`]; `None` where its table has no entry.
    pub fn torch(activation: Activation) -> Option<Self> {
        torch_gain(activation).map(|value| Self { value, rule: GainRule::Torch(activation) })
    }

    /// `1/√(E f(z)²)`, `z ~ N(0, 1)`: with a variance of `gain²/fan_in`, a layer after f has pre-activations of second
    /// moment 1 if the one before it had (He et al. 2015, section 2.2, for ReLU: √2). Within 1e-13 of itself.
    pub fn forward(activation: Activation) -> Self {
        Self { value: 1.0 / value_squared(activation, 1.0).sqrt(), rule: GainRule::Forward(activation) }
    }

    /// `1/√(E f′(z)²)`, `z ~ N(0, 1)`: with a variance of `gain²/fan_out`, gradients keep their second moment on the
    /// way back through f (He et al. 2015, section 2.3). Within 1e-13 of itself.
    pub fn backward(activation: Activation) -> Self {
        Self { value: 1.0 / slope_squared(activation, 1.0).sqrt(), rule: GainRule::Backward(activation) }
    }

    /// The edge of chaos without biases, by [`Critical::of`]; `None` where there is none.
    pub fn critical(activation: Activation) -> Option<Self> {
        Critical::of(activation).map(|edge| Self { value: edge.gain, rule: GainRule::Critical(activation) })
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.value
    }
}

impl From<f64> for Gain {
    fn from(value: f64) -> Self {
        Self::number(value)
    }
}

/// The text that [`FromStr`] reads: `1.5`, `relu`, `forward(gelu)`.
impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            GainRule::Number => write!(f, "{}", self.value),
            GainRule::Torch(activation) => write!(f, "{activation}"),
            GainRule::Forward(activation) => write!(f, "forward({activation})"),
            GainRule::Backward(activation) => write!(f, "backward({activation})"),
            GainRule::Critical(activation) => write!(f, "critical({activation})"),
        }
    }
}

/// A text that is no [`Gain`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GainError {
    /// A number that is negative, infinite or NaN.
    Number(String),
    /// Neither a number nor a rule with an activation.
    Unknown(String, ActivationError),
    /// An activation that PyTorch's table lacks.
    NoTorch(Activation),
    /// An activation without an edge of chaos.
    NoCritical(Activation),
}

impl fmt::Display for GainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(text) => write!(f, "a gain of {text}: it must be finite and at least 0"),
            Self::Unknown(text, reason) => write!(
                f,
                "no gain is written '{text}': write a number, relu, forward(relu), backward(relu) or critical(relu); {reason}"
            ),
            Self::NoTorch(x) => {
                write!(f, "PyTorch's table has no gain for {x}: write forward({x}) or a number")
            }
            Self::NoCritical(x) => {
                write!(f, "{x} has no edge of chaos without biases: write forward({x}) or a number")
            }
        }
    }
}

impl std::error::Error for GainError {}

/// A number, an activation of PyTorch's table, or a rule with an activation in brackets.
///
/// | text | gain |
/// |---|---|
/// | `1.5` | the number, finite and at least 0 |
/// | `relu`, `leaky_relu(0.2)` | PyTorch's table |
/// | `forward(gelu)`, `backward(tanh)`, `critical(tanh)` | the rule of that name |
impl FromStr for Gain {
    type Err = GainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(value) = text.parse::<f64>() {
            let right = value.is_finite() && value >= 0.0;
            return if right { Ok(Self::number(value)) } else { Err(GainError::Number(text.to_owned())) };
        }
        let unknown = |reason| GainError::Unknown(text.to_owned(), reason);
        let rule = text.strip_suffix(')').and_then(|text| text.split_once('('));
        let inside = |name: &str| name.trim().parse().map_err(unknown);
        match rule {
            Some(("forward", name)) => inside(name).map(Self::forward),
            Some(("backward", name)) => inside(name).map(Self::backward),
            Some(("critical", name)) => {
                let activation = inside(name)?;
                Self::critical(activation).ok_or(GainError::NoCritical(activation))
            }
            _ => {
                let activation = inside(text)?;
                Self::torch(activation).ok_or(GainError::NoTorch(activation))
            }
        }
    }
}
