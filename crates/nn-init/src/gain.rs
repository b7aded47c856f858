//! Gains: the factor by which a scale compensates for an activation.

use std::fmt;
use std::str::FromStr;

use mean_field::{Critical, slope_squared, value_squared};
use tensor::{Activation, Call, ExpressionError, evaluate};

use crate::ParseError;

/// Constants of expressions in texts: their names with their values.
pub type Constants<'a> = &'a [(&'a str, f64)];

/// The gain of `torch.nn.init.calculate_gain`; `None` if PyTorch's table has no entry.
///
/// | activation | gain |
/// |---|---|
/// | identity, sigmoid | 1 |
/// | tanh | 5/3 |
/// | ReLU | √2 |
/// | leaky ReLU of slope a | √(2/(1 + a²)) |
/// | SELU | 3/4 |
///
/// Some entries are conventions: 5/3 does not keep the variance of signals through tanh.
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
        // PyTorch's table has no other entry.
        _ => None,
    }
}

/// A factor that compensates for an activation, with the rule that it comes from.
///
/// ```
/// use nn_init::{Activation, Gain};
///
/// // PyTorch's 5/3 for tanh is 5% too large.
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

/// The origin of a gain.
#[derive(Clone, Copy, Debug, PartialEq)]
enum GainRule {
    Number,
    Torch(Activation),
    Forward(Activation),
    Backward(Activation),
    Critical(Activation),
}

impl Gain {
    /// 1: no compensation.
    pub const ONE: Self = Self::number(1.0);

    /// A number of the caller's own.
    pub const fn number(value: f64) -> Self {
        Self { value, rule: GainRule::Number }
    }

    /// PyTorch's gain, by [`torch_gain`]; `None` if its table has no entry.
    pub fn torch(activation: Activation) -> Option<Self> {
        torch_gain(activation).map(|value| Self { value, rule: GainRule::Torch(activation) })
    }

    /// `1/√(E f(z)²)`, `z ~ N(0, 1)`: the gain that keeps the second moment of signals.
    ///
    /// If the pre-activations of one layer have second moment 1 and the weights of the next have variance
    /// `gain²/fan_in`, its pre-activations have second moment 1 too (He et al. 2015, section 2.2, for ReLU: √2).
    /// Relative error below 1e-13.
    pub fn forward(activation: Activation) -> Self {
        Self { value: 1.0 / value_squared(activation, 1.0).sqrt(), rule: GainRule::Forward(activation) }
    }

    /// `1/√(E f′(z)²)`, `z ~ N(0, 1)`: the gain that keeps the second moment of gradients.
    ///
    /// It holds for weights of variance `gain²/fan_out`, on the way back through f (He et al. 2015, section 2.3).
    /// Relative error below 1e-13.
    pub fn backward(activation: Activation) -> Self {
        Self { value: 1.0 / slope_squared(activation, 1.0).sqrt(), rule: GainRule::Backward(activation) }
    }

    /// The gain at the edge of chaos without biases, by [`Critical::of`]; `None` if there is no edge. GELU, SiLU and mish
    /// have none; with biases they are critical at [`CriticalPoint::half_stable`](mean_field::CriticalPoint::half_stable).
    pub fn critical(activation: Activation) -> Option<Self> {
        Critical::of(activation).map(|edge| Self { value: edge.gain, rule: GainRule::Critical(activation) })
    }

    /// The factor.
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

/// A number, an activation of PyTorch's table, or a rule with an activation in brackets.
///
/// | text | gain |
/// |---|---|
/// | `1.5`, `sqrt(2)`, `5/3` | the number, finite and at least 0 |
/// | `relu`, `leaky_relu(0.2)`, `leaky_relu(sqrt(5))` | PyTorch's table |
/// | `linear`, `conv1d` to `conv3d`, `conv_transpose1d` to `conv_transpose3d` | PyTorch's names of `identity` |
/// | `forward(gelu)`, `backward(tanh)`, `critical(tanh)` | the rule of that name |
impl FromStr for Gain {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_with(text, &[])
    }
}

impl Gain {
    /// Reads a gain whose numbers are expressions with constants of the caller's: `sqrt(2*layers)`.
    ///
    /// # Errors
    /// If the text is no gain, a constant is unknown, or there is no such gain.
    pub fn parse_with(text: &str, constants: Constants) -> Result<Self, ParseError> {
        let read = match number(text, constants) {
            Some(Ok(value)) if value.is_finite() && value >= 0.0 => Ok(Self::number(value)),
            Some(Ok(_)) => Err("a number must be finite and not negative".to_owned()),
            Some(Err(unknown)) => Err(unknown.to_string()),
            None => rule(text, constants),
        };
        read.map_err(|reason| ParseError::new("gain", text, reason))
    }
}

/// The number of a text; `None` if it is not arithmetic: a name could be that of an activation.
fn number(text: &str, constants: Constants) -> Option<Result<f64, ExpressionError>> {
    if let Ok(number) = text.trim().parse() {
        return Some(Ok(number));
    }
    match evaluate(text, constants) {
        Ok(number) => Some(Ok(number)),
        Err(ExpressionError::Unknown { name, .. }) if name == text.trim() => None,
        Err(unknown @ ExpressionError::Unknown { .. }) => Some(Err(unknown)),
        Err(_) => None,
    }
}

/// The names that PyTorch has for layers without an activation.
const LINEAR: [&str; 7] =
    ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"];

/// The gain of a text that is not a number, or the reason why there is none.
fn rule(text: &str, constants: Constants) -> Result<Gain, String> {
    let unknown = |error: String| {
        format!("expected a number, an activation, or a rule such as `forward(relu)`; {error}")
    };
    let Call { name, args } = Call::parse(text).map_err(|error| unknown(error.to_string()))?;
    let activation = |text: &str| activation(text, constants).map_err(unknown);
    let or_forward = |gain: Option<Gain>, lacking: &str, f: Activation| {
        gain.ok_or_else(|| format!("{lacking} {f}; use `forward({f})` or a number"))
    };
    match (name, &args[..]) {
        ("forward", [f]) => Ok(Gain::forward(activation(f)?)),
        ("backward", [f]) => Ok(Gain::backward(activation(f)?)),
        ("critical", [f]) => {
            let f = activation(f)?;
            or_forward(Gain::critical(f), "there is no edge of chaos without biases for", f)
        }
        ("forward" | "backward" | "critical", _) => Err(format!("expected `{name}(activation)`")),
        _ => {
            let linear = args.is_empty() && LINEAR.contains(&name);
            let f = if linear { Activation::Identity } else { activation(text)? };
            or_forward(Gain::torch(f), "PyTorch's table has no gain for", f)
        }
    }
}

/// An activation, whose parameter may be an expression.
fn activation(text: &str, constants: Constants) -> Result<Activation, String> {
    let parameter = Call::parse(text).ok().and_then(|call| {
        let [parameter] = call.args[..] else { return None };
        Some(format!("{}({})", call.name, evaluate(parameter, constants).ok()?))
    });
    parameter.as_deref().unwrap_or(text).parse().map_err(|error: tensor::ActivationError| error.to_string())
}
