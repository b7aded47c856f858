//! The critical line between order and chaos.

use tensor::Activation;

use crate::root::root;
use crate::{Critical, MeanField, slope_squared, value_squared};

/// One point of the critical line: a network whose fixed point q* has χ = 1 (Schoenholz et al. 2017, figure 1).
///
/// ```
/// use mean_field::{Activation, CriticalPoint};
/// // With biases of variance 0.05, tanh is critical at weights of variance 1.76/fan_in.
/// let point = CriticalPoint::of_bias(Activation::Tanh, 0.05).unwrap();
/// assert!((point.field.weight - 1.760_955).abs() < 1e-6);
/// assert!((point.field.chi(point.variance) - 1.0).abs() < 1e-13);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CriticalPoint {
    /// The network.
    pub field: MeanField,
    /// q*.
    pub variance: f64,
}

impl CriticalPoint {
    /// The point with a given q*: `σ_w² = 1/E f′²`, `σ_b² = q* − σ_w²·E f²`; `None` if that is negative or not finite.
    ///
    /// The fixed point repels if [`MeanField::variance_slope`] is above 1. The error of `σ_b²` is below 1e-12 of q*,
    /// and it is 0 if it is that close to 0.
    pub fn at(activation: Activation, variance: f64) -> Option<Self> {
        let weight = 1.0 / slope_squared(activation, variance);
        let bias = bias(activation, variance);
        let field = MeanField { activation, weight, bias };
        (bias >= 0.0 && weight.is_finite()).then_some(Self { field, variance })
    }

    /// The point with biases of variance `σ_b²` whose fixed point does not repel, by quadrature; `None` if there is
    /// none, and the one with the smallest q* if there are several. At `σ_b² = 0` it is the point of [`Critical`].
    pub fn of_bias(activation: Activation, bias: f64) -> Option<Self> {
        if bias == 0.0 {
            let edge = Critical::of(activation)?;
            return Self::at(activation, edge.variance.unwrap_or(1.0));
        }
        let excess = |q: f64| self::bias(activation, q) / bias - 1.0;
        let q = roots(bias, 1e12 * bias.max(1.0), excess).find(|&q| attracts(activation, q))?;
        let weight = 1.0 / slope_squared(activation, q);
        Some(Self { field: MeanField { activation, weight, bias }, variance: q })
    }

    /// The point with weights of variance `σ_w²/fan_in` whose fixed point does not repel, by quadrature; `None` if
    /// there is none, and the one with the smallest q* if there are several.
    pub fn of_weight(activation: Activation, weight: f64) -> Option<Self> {
        let excess = |q: f64| (weight * slope_squared(activation, q)).ln();
        let at_zero = (excess(0.0).abs() <= 1e-12).then_some(0.0);
        let points = at_zero.into_iter().chain(roots(1e-14, 1e12, excess));
        let points = points.filter(|&q| attracts(activation, q)).filter_map(|q| Self::at(activation, q));
        points.map(|point| Self { field: MeanField { weight, ..point.field }, ..point }).next()
    }
}

/// `q* − E f²/E f′²`, which is `σ_b²` on the line; 0 if it cannot be distinguished from 0.
fn bias(activation: Activation, q: f64) -> f64 {
    let bias = q - value_squared(activation, q) / slope_squared(activation, q);
    if bias.abs() <= 1e-12 * q { 0.0 } else { bias }
}

/// True if the fixed point q of the line does not repel.
fn attracts(activation: Activation, q: f64) -> bool {
    let field = MeanField { activation, weight: 1.0 / slope_squared(activation, q), bias: 0.0 };
    field.variance_slope(q) <= 1.0 + 1e-9
}

/// The points between lo and hi at which f changes its sign, searched in steps of a factor of √10.
fn roots(lo: f64, hi: f64, f: impl Fn(f64) -> f64) -> impl Iterator<Item = f64> {
    let steps = (2.0 * (hi / lo).log10()).ceil();
    let at = move |step: f64| lo * (hi / lo).powf(step / steps);
    (0..steps as u32).filter_map(move |step| {
        let (left, right) = (at(step.into()), at(f64::from(step) + 1.0));
        let changes = f(left) * f(right) <= 0.0;
        changes.then(|| root(left.ln(), right.ln(), |ln| f(ln.exp())).exp())
    })
}
