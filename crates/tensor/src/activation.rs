//! Activations: the value and the slope of each in one place.

use std::fmt;
use std::str::FromStr;

use crate::{Call, Dual, Real, Tensor};

/// An activation function, with its derivative.
///
/// The enum is non-exhaustive: other crates match it with a fallback, such as "not in PyTorch's table of gains", and
/// reach every activation through [`ALL`](Self::ALL).
///
/// ```
/// use tensor::Activation;
/// let (value, slope) = Activation::Tanh.eval(0.5_f64);
/// assert!((slope - (1.0 - value * value)).abs() < 1e-15);
/// assert_eq!("leaky_relu(0.2)".parse(), Ok(Activation::LeakyRelu(0.2)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `x`.
    Identity,
    /// `tanh x`, within ±1.
    Tanh,
    /// `1/(1 + e^−x)`, within 0..1.
    Sigmoid,
    /// `max(x, 0)`; the slope at 0 is 0, as in PyTorch.
    Relu,
    /// `x` above 0, `a·x` at and below it.
    LeakyRelu(f64),
    /// `x` above 0, `a·(eˣ − 1)` at and below it (Clevert et al. 2016).
    Elu(f64),
    /// `λ·x` above 0, `λα(eˣ − 1)` at and below it, α and λ such that N(0, 1) is a fixed point
    /// (Klambauer et al. 2017).
    Selu,
    /// `x·Φ(x)` with the normal distribution function Φ, without approximation (Hendrycks & Gimpel 2016).
    Gelu,
    /// `½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`, the approximation of [`Gelu`](Self::Gelu) with which GPT-2 and BERT
    /// were trained (Hendrycks & Gimpel 2016, section 2).
    GeluTanh,
    /// `x·σ(x)` with the sigmoid σ.
    Silu,
    /// `x·tanh(ln(1 + eˣ))` (Misra 2019).
    Mish,
    /// `ln(1 + e^βx)/β`, which approaches ReLU as β grows; β must not be 0. PyTorch returns x itself above βx = 20.
    Softplus(f64),
    /// `erf x`, within ±1.
    Erf,
    /// `x` clamped to −1..1; the slope at ±1 is 0, as in PyTorch.
    HardTanh,
    /// `sin(ω·x)` (Sitzmann et al. 2020, with ω = 30 for images).
    Sine(f64),
    /// `max(x, 0)²` (So et al. 2021).
    ReluSquared,
    /// `x` clamped to 0..6 (Krizhevsky 2010); the slope at 0 and 6 is 0, as in PyTorch.
    Relu6,
    /// `x` above 0, `α·(e^(x/α) − 1)` at and below it (Barron 2017); α must not be 0.
    Celu(f64),
    /// `x·min(max(x + 3, 0), 6)/6` (Howard et al. 2019); the slope is 0 at −3 and 1 at 3, as in PyTorch.
    HardSwish,
    /// `min(max(x + 3, 0), 6)/6`; the slope at ±3 is 0, as in PyTorch.
    HardSigmoid,
    /// `ln σ(x)` with the sigmoid σ.
    LogSigmoid,
    /// `x/(1 + |x|)`, within ±1.
    Softsign,
}

const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_LAMBDA: f64 = 1.050_700_987_355_480_5;

/// A use of the function that [`Activation::visit`] selects: one loop, compiled once per function.
trait Visitor<T> {
    type Output;
    fn with(self, f: impl Fn(T) -> (T, T)) -> Self::Output;
}

/// The number to evaluate the function at.
struct Number<T>(T);

impl<T: Real> Visitor<T> for Number<T> {
    type Output = (T, T);
    #[inline(always)]
    fn with(self, f: impl Fn(T) -> (T, T)) -> (T, T) {
        f(self.0)
    }
}

/// The numbers to evaluate the function at, and the places of the values and the slopes.
struct Numbers<'a, T> {
    xs: &'a [T],
    values: &'a mut [T],
    slopes: &'a mut [T],
}

impl<T: Real> Visitor<T> for Numbers<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with(self, f: impl Fn(T) -> (T, T)) {
        T::dispatch(
            #[inline(always)]
            move || {
                for ((&x, value), slope) in self.xs.iter().zip(self.values).zip(self.slopes) {
                    (*value, *slope) = f(x);
                }
            },
        );
    }
}

/// The activations of one number type. Those of `f32`, `f64` and dual numbers of either are compiled here, once; generic
/// code would be compiled again in every crate and every program of tests, with 22 functions for three instruction sets.
pub(crate) trait ActivationScalar: Sized {
    /// The value and the slope.
    fn eval(f: Activation, x: Self) -> (Self, Self);
    /// The same for dual numbers.
    fn eval_dual(f: Activation, x: Dual<Self>) -> (Dual<Self>, Dual<Self>);
    /// The values and the slopes of all `xs`.
    fn apply(f: Activation, xs: &[Self], values: &mut [Self], slopes: &mut [Self]);
    /// The same for dual numbers.
    fn apply_dual(f: Activation, xs: &[Dual<Self>], values: &mut [Dual<Self>], slopes: &mut [Dual<Self>]);
}

macro_rules! activations {
    ($type:ty) => {
        impl ActivationScalar for $type {
            fn eval(f: Activation, x: Self) -> (Self, Self) {
                f.visit(Number(x))
            }
            fn eval_dual(f: Activation, x: Dual<Self>) -> (Dual<Self>, Dual<Self>) {
                f.visit(Number(x))
            }
            fn apply(f: Activation, xs: &[Self], values: &mut [Self], slopes: &mut [Self]) {
                f.visit(Numbers { xs, values, slopes });
            }
            fn apply_dual(
                f: Activation,
                xs: &[Dual<Self>],
                values: &mut [Dual<Self>],
                slopes: &mut [Dual<Self>],
            ) {
                f.visit(Numbers { xs, values, slopes });
            }
        }
    };
}

activations!(f32);
activations!(f64);

impl<T: Real> ActivationScalar for Dual<T> {
    fn eval(f: Activation, x: Self) -> (Self, Self) {
        T::eval_dual(f, x)
    }
    fn eval_dual(f: Activation, x: Dual<Self>) -> (Dual<Self>, Dual<Self>) {
        f.visit(Number(x))
    }
    fn apply(f: Activation, xs: &[Self], values: &mut [Self], slopes: &mut [Self]) {
        T::apply_dual(f, xs, values, slopes);
    }
    fn apply_dual(f: Activation, xs: &[Dual<Self>], values: &mut [Dual<Self>], slopes: &mut [Dual<Self>]) {
        for ((&x, value), slope) in xs.iter().zip(values).zip(slopes) {
            (*value, *slope) = Self::eval_dual(f, x);
        }
    }
}

impl Activation {
    /// One of each, with PyTorch's default parameters.
    pub const ALL: [Self; 22] = [
        Self::Identity,
        Self::Tanh,
        Self::Sigmoid,
        Self::Relu,
        Self::LeakyRelu(0.01),
        Self::Elu(1.0),
        Self::Selu,
        Self::Gelu,
        Self::GeluTanh,
        Self::Silu,
        Self::Mish,
        Self::Softplus(1.0),
        Self::Erf,
        Self::HardTanh,
        Self::Sine(1.0),
        Self::ReluSquared,
        Self::Relu6,
        Self::Celu(1.0),
        Self::HardSwish,
        Self::HardSigmoid,
        Self::LogSigmoid,
        Self::Softsign,
    ];

    /// The value and the slope at `x`: `(f(x), f′(x))`. A call for every number: [`apply`](Self::apply) is the vectorised
    /// loop.
    pub fn eval<T: Real>(self, x: T) -> (T, T) {
        T::eval(self, x)
    }

    /// The name without a parameter: `leaky_relu`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Elu(_) => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Silu => "silu",
            Self::Mish => "mish",
            Self::Softplus(_) => "softplus",
            Self::Erf => "erf",
            Self::HardTanh => "hard_tanh",
            Self::Sine(_) => "sine",
            Self::ReluSquared => "relu_squared",
            Self::Relu6 => "relu6",
            Self::Celu(_) => "celu",
            Self::HardSwish => "hard_swish",
            Self::HardSigmoid => "hard_sigmoid",
            Self::LogSigmoid => "log_sigmoid",
            Self::Softsign => "softsign",
        }
    }

    /// The parameter, if the activation has one.
    fn parameter_mut(&mut self) -> Option<&mut f64> {
        match self {
            Self::LeakyRelu(a) | Self::Elu(a) | Self::Softplus(a) | Self::Sine(a) | Self::Celu(a) => Some(a),
            Self::Identity
            | Self::Tanh
            | Self::Sigmoid
            | Self::Relu
            | Self::Selu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Mish
            | Self::Erf
            | Self::HardTanh
            | Self::ReluSquared
            | Self::Relu6
            | Self::HardSwish
            | Self::HardSigmoid
            | Self::LogSigmoid
            | Self::Softsign => None,
        }
    }

    /// The limits `f(−∞)` and `f(∞)`: infinite if the values grow without bound, NaN for sine, which has none.
    ///
    /// ```
    /// use tensor::Activation;
    /// assert_eq!(Activation::Sigmoid.limits(), (0.0, 1.0));
    /// assert_eq!(Activation::Gelu.limits(), (0.0, f64::INFINITY));
    /// ```
    pub fn limits(self) -> (f64, f64) {
        match self {
            Self::Tanh | Self::Erf | Self::HardTanh | Self::Softsign => (-1.0, 1.0),
            Self::Sigmoid | Self::HardSigmoid => (0.0, 1.0),
            Self::Relu6 => (0.0, 6.0),
            Self::Relu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Mish
            | Self::ReluSquared
            | Self::HardSwish => (0.0, f64::INFINITY),
            Self::LogSigmoid => (f64::NEG_INFINITY, 0.0),
            Self::Softplus(b) if b < 0.0 => (f64::NEG_INFINITY, 0.0),
            Self::Softplus(_) => (0.0, f64::INFINITY),
            Self::Elu(a) => (-a, f64::INFINITY),
            Self::Celu(a) if a < 0.0 => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Celu(a) => (-a, f64::INFINITY),
            Self::Selu => (-SELU_LAMBDA * SELU_ALPHA, f64::INFINITY),
            Self::LeakyRelu(0.0) => (0.0, f64::INFINITY),
            Self::LeakyRelu(a) => (-a * f64::INFINITY, f64::INFINITY),
            Self::Identity => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Sine(_) => (f64::NAN, f64::NAN),
        }
    }

    /// The range near whose ends a value counts as saturated: the [`limits`](Self::limits), except for `relu6`, whose
    /// units are off at 0, as those of ReLU, and saturated at 6. No value is saturated unless both
    /// ends are finite.
    ///
    /// ```
    /// use tensor::Activation;
    /// assert_eq!(Activation::Sigmoid.saturation_range(), (0.0, 1.0));
    /// assert_eq!(Activation::Relu6.saturation_range(), (-6.0, 6.0));
    /// ```
    pub fn saturation_range(self) -> (f64, f64) {
        match self {
            Self::Relu6 => (-6.0, 6.0),
            other => other.limits(),
        }
    }

    /// The points at which the function is not smooth, in ascending order; it is analytic between them.
    ///
    /// They are 0 for functions with two formulas, above and below 0, whatever their parameter, and the bounds of those
    /// that clamp: ±1 for hard tanh. The slope of `elu(1)`, `celu`, softsign and `relu_squared` is continuous at 0, but its
    /// derivative is not, and integrals are split there too.
    ///
    /// ```
    /// use tensor::Activation;
    /// assert_eq!(Activation::Relu.kinks(), [0.0]);
    /// assert!(Activation::Gelu.kinks().is_empty());
    /// ```
    pub fn kinks(self) -> &'static [f64] {
        match self {
            Self::Relu
            | Self::LeakyRelu(_)
            | Self::Elu(_)
            | Self::Selu
            | Self::ReluSquared
            | Self::Celu(_)
            | Self::Softsign => &[0.0],
            Self::HardTanh => &[-1.0, 1.0],
            Self::Relu6 => &[0.0, 6.0],
            Self::HardSwish | Self::HardSigmoid => &[-3.0, 3.0],
            Self::Identity
            | Self::Tanh
            | Self::Sigmoid
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Mish
            | Self::Softplus(_)
            | Self::Erf
            | Self::Sine(_)
            | Self::LogSigmoid => &[],
        }
    }

    /// The values and the slopes of a tensor, in one vectorised pass.
    pub fn apply<T: Real>(self, x: &Tensor<T>) -> (Tensor<T>, Tensor<T>) {
        let mut slopes = x.make(x.shape().clone(), |_| {});
        let values = x.make(x.shape().clone(), |values| T::apply(self, x.data(), values, slopes.data_mut()));
        (values, slopes)
    }

    #[inline(always)]
    fn visit<T: Real, V: Visitor<T>>(self, visitor: V) -> V::Output {
        let c = T::of;
        match self {
            Self::Identity => visitor.with(
                #[inline(always)]
                move |x| (x, T::ONE),
            ),
            Self::Tanh => visitor.with(
                #[inline(always)]
                move |x| {
                    let y = x.tanh();
                    (y, T::ONE - y * y)
                },
            ),
            Self::Sigmoid => visitor.with(
                #[inline(always)]
                move |x| {
                    let (y, rest) = sigmoid(x);
                    (y, y * rest)
                },
            ),
            Self::Relu => visitor.with(
                #[inline(always)]
                move |x| piecewise(x, T::ONE, |_| (T::ZERO, T::ZERO)),
            ),
            Self::LeakyRelu(a) => visitor.with(
                #[inline(always)]
                move |x| piecewise(x, T::ONE, |x| (c(a) * x, c(a))),
            ),
            Self::Elu(a) => visitor.with(
                #[inline(always)]
                move |x| piecewise(x, T::ONE, |x| (c(a) * x.exp_m1(), c(a) * x.exp())),
            ),
            Self::Selu => visitor.with(
                #[inline(always)]
                move |x| {
                    let scale = c(SELU_LAMBDA * SELU_ALPHA);
                    piecewise(x, c(SELU_LAMBDA), |x| (scale * x.exp_m1(), scale * x.exp()))
                },
            ),
            Self::Gelu => visitor.with(
                #[inline(always)]
                move |x| {
                    let (cdf, pdf) = x.normal();
                    (damped(x, cdf), cdf + damped(x, pdf))
                },
            ),
            Self::GeluTanh => visitor.with(
                #[inline(always)]
                move |x| gelu_tanh(x),
            ),
            Self::Silu => visitor.with(
                #[inline(always)]
                move |x| {
                    let (s, rest) = sigmoid(x);
                    (damped(x, s), s + damped(x, s * rest))
                },
            ),
            Self::Mish => visitor.with(
                #[inline(always)]
                move |x| mish(x),
            ),
            Self::Softplus(b) => visitor.with(
                #[inline(always)]
                move |x| {
                    let (y, slope) = softplus(c(b) * x);
                    (y / c(b), slope)
                },
            ),
            Self::HardTanh => visitor.with(
                #[inline(always)]
                move |x| hard_tanh(x),
            ),
            Self::Erf => visitor.with(
                #[inline(always)]
                move |x| {
                    let square = x * x;
                    // e^−900 is 0, and an infinite square has no derivative.
                    let square = if square > c(900.0) { c(900.0) } else { square };
                    let slope = (-square).exp() * c(std::f64::consts::FRAC_2_SQRT_PI);
                    (x.erf(), slope)
                },
            ),
            Self::Sine(w) => visitor.with(
                #[inline(always)]
                move |x| {
                    let angle = c(w) * x;
                    (angle.sin(), c(w) * angle.cos())
                },
            ),
            Self::ReluSquared => visitor.with(
                #[inline(always)]
                move |x| {
                    let (above, _) = piecewise(x, T::ONE, |_| (T::ZERO, T::ZERO));
                    (above * above, above + above)
                },
            ),
            Self::Relu6 => visitor.with(
                #[inline(always)]
                move |x| relu6(x),
            ),
            Self::Celu(a) => visitor.with(
                #[inline(always)]
                move |x| {
                    piecewise(x, T::ONE, |x| {
                        let ratio = x / c(a);
                        (c(a) * ratio.exp_m1(), ratio.exp())
                    })
                },
            ),
            Self::HardSwish => visitor.with(
                #[inline(always)]
                move |x| hard_swish(x),
            ),
            Self::HardSigmoid => visitor.with(
                #[inline(always)]
                move |x| hard_sigmoid(x),
            ),
            Self::LogSigmoid => visitor.with(
                #[inline(always)]
                move |x| {
                    let (y, slope) = softplus(-x);
                    (-y, slope)
                },
            ),
            Self::Softsign => visitor.with(
                #[inline(always)]
                move |x| softsign(x),
            ),
        }
    }
}

/// `above·x` for x > 0 and `below(x)` for x ≤ 0, with slopes; NaN stays NaN.
#[inline(always)]
fn piecewise<T: Real>(x: T, above: T, below: impl Fn(T) -> (T, T)) -> (T, T) {
    if x > T::ZERO {
        (above * x, above)
    } else if x <= T::ZERO {
        below(x)
    } else {
        (x * x, x * x)
    }
}

/// `x·weight` for a weight that decays faster than x grows: 0 if the weight has reached 0, even at x = ±∞.
#[inline(always)]
fn damped<T: Real>(x: T, weight: T) -> T {
    x.damped(weight)
}

/// x within ±bound, beyond which everything that is computed from it is constant. So an infinite x has slopes too.
#[inline(always)]
fn within<T: Real>(x: T, bound: f64) -> T {
    let x = if x > T::of(bound) { T::of(bound) } else { x };
    if x < T::of(-bound) { T::of(-bound) } else { x }
}

/// `σ(x) = 1/(1 + e^−x)` and `1 − σ(x)`, computed from `e^−|x|`, so that nothing overflows and neither loses digits.
#[inline(always)]
fn sigmoid<T: Real>(x: T) -> (T, T) {
    let e = (if x > T::ZERO { -x } else { x }).exp();
    let large = T::ONE / (T::ONE + e);
    let small = e * large;
    if x > T::ZERO { (large, small) } else { (small, large) }
}

/// The tanh form of GELU, computed by `½(1 + tanh u) = σ(2u)`, which does not cancel when tanh u is near −1; the
/// slope of σ(2u) is `σ(1 − σ)·2u′`.
#[inline(always)]
fn gelu_tanh<T: Real>(x: T) -> (T, T) {
    // 2√(2/π).
    let k = T::of(2.0 * std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2);
    // Beyond 22, σ is 0 or 1.
    let near = within(x, 30.0);
    let cube = T::of(0.044_715) * near * near;
    let (s, rest) = sigmoid(k * near * (T::ONE + cube));
    (damped(x, s), s + k * (T::ONE + T::of(3.0) * cube) * (near * (s * rest)))
}

/// −1, x or 1 with the slope 0, 1 or 0; NaN stays NaN.
#[inline(always)]
fn hard_tanh<T: Real>(x: T) -> (T, T) {
    if x >= T::ONE {
        (T::ONE, T::ZERO)
    } else if x <= -T::ONE {
        (-T::ONE, T::ZERO)
    } else {
        let slope = x * T::ZERO + T::ONE;
        (x * slope, slope)
    }
}

/// `ln(1 + eˣ)` and `σ(x)`, computed so that nothing overflows.
#[inline(always)]
fn softplus<T: Real>(x: T) -> (T, T) {
    let above = if x > T::ZERO { x } else { T::ZERO };
    let magnitude = if x > T::ZERO { x } else { -x };
    (above + (-magnitude).exp().ln_1p(), sigmoid(x).0)
}

/// 0, x or 6 with the slope 0, 1 or 0; NaN stays NaN.
#[inline(always)]
fn relu6<T: Real>(x: T) -> (T, T) {
    if x >= T::of(6.0) {
        (T::of(6.0), T::ZERO)
    } else if x <= T::ZERO {
        (T::ZERO, T::ZERO)
    } else {
        let slope = x * T::ZERO + T::ONE;
        (x * slope, slope)
    }
}

/// 0, `(x + 3)/6` or 1 with the slope 0, 1/6 or 0; NaN stays NaN.
#[inline(always)]
fn hard_sigmoid<T: Real>(x: T) -> (T, T) {
    let (three, six) = (T::of(3.0), T::of(6.0));
    if x >= three {
        (T::ONE, T::ZERO)
    } else if x <= -three {
        (T::ZERO, T::ZERO)
    } else {
        let one = x * T::ZERO + T::ONE;
        ((x * one + three) / six, one / six)
    }
}

/// 0, `x·(x + 3)/6` or x with the slope 0, `(2x + 3)/6` or 1; NaN stays NaN.
#[inline(always)]
fn hard_swish<T: Real>(x: T) -> (T, T) {
    let (three, six) = (T::of(3.0), T::of(6.0));
    if x >= three {
        (x, T::ONE)
    } else if x <= -three {
        (T::ZERO, T::ZERO)
    } else {
        let one = x * T::ZERO + T::ONE;
        (x * (x + three) / six, (x + x + three) * one / six)
    }
}

/// `x·w` with the slope `w²`, for `w = 1/(1 + |x|)`. Far out, `x·w` is computed as `±(1 − w)`, so that ±∞ give ±1.
#[inline(always)]
fn softsign<T: Real>(x: T) -> (T, T) {
    // At 0 the mean of both sides, and NaN at NaN, slopes included.
    let magnitude = if x > T::ZERO {
        x
    } else if x < T::ZERO {
        -x
    } else {
        x * x
    };
    let w = T::ONE / (T::ONE + magnitude);
    let far = if x > T::ZERO { T::ONE - w } else { w - T::ONE };
    (if magnitude > T::ONE { far } else { x * w }, w * w)
}

/// Mish, computed from `e = e^−|x|`, so that nothing overflows: `t = tanh(ln(1 + eˣ)) = n/(n + 2d)`, where the
/// fraction `n/d` is `eˣ(eˣ + 2)/1`, expanded by `e²` for x > 0. The slope is `t + x·(1 − t²)·σ(x)`, with
/// `1 − t = 2d/(n + 2d)`.
#[inline(always)]
fn mish<T: Real>(x: T) -> (T, T) {
    let two = T::of(2.0);
    let e = (if x > T::ZERO { -x } else { x }).exp();
    let (n, d, s) = if x > T::ZERO {
        (T::ONE + two * e, e * e, T::ONE / (T::ONE + e))
    } else {
        (e * (e + two), T::ONE, e / (T::ONE + e))
    };
    let whole = n + two * d;
    let (t, rest) = (n / whole, two * d / whole);
    (damped(x, t), t + damped(x, (T::ONE + t) * rest * s))
}

/// The text that [`FromStr`] reads, with the parameter in brackets: `leaky_relu(0.01)`. The factors of softplus and sine
/// are left out if they are 1: the plain names mean these functions everywhere.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match { *self }.parameter_mut() {
            Some(&mut 1.0) if matches!(self, Self::Softplus(_) | Self::Sine(_)) => f.pad(self.name()),
            Some(a) => write!(f, "{}({a})", self.name()),
            None => f.pad(self.name()),
        }
    }
}

/// A text that does not name an [`Activation`], and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivationError {
    text: String,
    reason: String,
}

impl fmt::Display for ActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid activation `{}`: {}", self.text.escape_debug(), self.reason)
    }
}

impl std::error::Error for ActivationError {}

/// Reads a name in [`Activation::ALL`], with or without a parameter: `elu`, `elu(0.5)`.
impl FromStr for Activation {
    type Err = ActivationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |reason| ActivationError { text: text.trim().to_owned(), reason };
        let call = Call::parse(text).map_err(|error| invalid(error.to_string()))?;
        let named = Self::ALL.into_iter().find(|activation| activation.name() == call.name);
        let mut activation = named.ok_or_else(|| invalid(format!("expected one of {}", names())))?;
        match (activation.parameter_mut(), &call.args[..]) {
            (_, []) => {}
            (Some(parameter), [arg]) => *parameter = finite(arg).map_err(invalid)?,
            (Some(_), args) => return Err(invalid(format!("{} parameters; expected one", args.len()))),
            (None, _) => return Err(invalid(format!("{} has no parameter", call.name))),
        }
        if matches!(activation, Self::Softplus(0.0) | Self::Celu(0.0)) {
            return Err(invalid(format!("the parameter of {} must not be 0", call.name)));
        }
        Ok(activation)
    }
}

/// The list of all activations, for an error message.
///
/// Not inlined, and not `ALL.map`: twenty unrolled texts take LLVM minutes.
#[inline(never)]
fn names() -> String {
    Activation::ALL.iter().map(Activation::to_string).collect::<Vec<_>>().join(", ")
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("the parameter `{text}` is not a finite number"))
}

#[cfg(test)]
mod tests {
    use super::Activation;
    use crate::Dual;

    /// True if the slope or its derivative jumps at x by more than 1e-3. Third derivatives are below 100, so that smooth
    /// functions change by less than 2e-4 from one side to the other.
    fn is_kink(activation: Activation, x: f64) -> bool {
        let slope = |x: f64| activation.eval(Dual { value: x, slope: 1.0 }).1;
        let (left, right) = (slope(x - 1e-6), slope(x + 1e-6));
        (left.value - right.value).abs() > 1e-3 || (left.slope - right.slope).abs() > 1e-3
    }

    #[test]
    fn functions_are_smooth_except_at_their_kinks() {
        for activation in Activation::ALL {
            for x in (-400..=400).map(|step| f64::from(step) / 50.0) {
                assert_eq!(is_kink(activation, x), activation.kinks().contains(&x), "{activation} at {x}");
            }
        }
    }

    #[test]
    fn jumps_of_one_percent_are_kinks() {
        assert!(is_kink(Activation::LeakyRelu(0.99), 0.0), "of the slope");
        assert!(is_kink(Activation::Celu(100.0), 0.0), "of its derivative");
        assert!(!is_kink(Activation::Celu(1e4), 0.0));
    }

    /// Values and slopes of `torch.nn.functional` 2.15 in f64, and the limits at ±1000.
    #[test]
    fn tanh_gelu_and_mish_are_pytorchs() {
        type TorchValue = (f64, f64, f64);
        const GELU_TANH: [TorchValue; 4] = [
            (-3.0, -0.003_637_392_081_772_994_3, -0.011_584_166_630_969_648),
            (-1.0, -0.158_808_009_391_723_24, -0.082_964_083_845_782_52),
            (1.0, 0.841_191_990_608_276_8, 1.082_964_083_845_782_6),
            (3.0, 2.996_362_607_918_227, 1.011_584_166_630_969_5),
        ];
        const MISH: [TorchValue; 5] = [
            (-30.0, -2.807_286_890_651_921e-12, -2.713_710_660_963_392e-12),
            (-3.0, -0.145_647_461_275_624_6, -0.093_393_114_532_320_84),
            (-1.0, -0.303_401_461_374_108_95, 0.059_216_755_877_395_014),
            (1.0, 0.865_098_388_267_310_3, 1.049_036_220_099_792_2),
            (3.0, 2.986_535_004_967_957_5, 1.021_106_910_929_443_5),
        ];
        // PyTorch computes 1 + tanh near −1, which costs it a factor of 1/(1 + tanh) of its precision: 400 at −3.
        let near = |a: f64, b: f64, digits: f64| (a / b - 1.0).abs() <= digits * f64::EPSILON;
        let agrees = |f: Activation, (x, value, slope): TorchValue| {
            near(f.eval(x).0, value, 800.0) && near(f.eval(x).1, slope, 800.0)
        };
        for row in GELU_TANH {
            assert!(agrees(Activation::GeluTanh, row), "{row:?}: {:?}", Activation::GeluTanh.eval(row.0));
        }
        for row in MISH {
            assert!(agrees(Activation::Mish, row), "{row:?}: {:?}", Activation::Mish.eval(row.0));
        }
        assert!(!agrees(Activation::Gelu, GELU_TANH[2]), "the exact GELU is rejected");
        for f in [Activation::GeluTanh, Activation::Mish] {
            assert_eq!((f.eval(1000.0), f.eval(-1000.0)), ((1000.0, 1.0), (0.0, 0.0)), "{f}");
            assert_eq!((f.eval(1000_f32), f.eval(-1000_f32)), ((1000.0, 1.0), (0.0, 0.0)), "{f}");
        }
    }
}
