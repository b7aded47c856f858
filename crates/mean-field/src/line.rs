//! The critical line between order and chaos.

use tensor::Activation;

use crate::root::root;
use crate::{Critical, MeanField, slope_squared, value_squared, value_squared_slope};

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

    /// The point of the line at which it turns from repelling to attracting, by quadrature between q* = 10⁻⁴ and 10⁴;
    /// `None` if it turns nowhere.
    ///
    /// There `E f·f″ = 0`, so that `V′(q*) = χ(q*) = 1`: variances that start below q* drift towards it or away from it,
    /// and those above the other way, both as a power of the depth. Functions that have no edge of chaos without biases
    /// are critical here.
    ///
    /// | f | `σ_w²` | `σ_b²` | q* |
    /// |---|---|---|---|
    /// | GELU | 1.9830582574 | 0.1729223908 | (3 + √17)/2 = 3.5615528128 |
    /// | the tanh form of GELU | 1.9828882398 | 0.1728951983 | 3.5567728447 |
    /// | SiLU | 1.9880046783 | 0.5551431707 | 14.3201736180 |
    /// | mish | 2.0135240697 | 0.0945217874 | 1.6701691325 |
    ///
    /// Hard swish has one too. Tanh, ELU, SELU (`E f·f″ < 0` at every q) and softplus (`> 0`) have none. That of ReLU and
    /// other functions with `E f·f″ = 0` at every q does not count: [`Critical`] has it.
    ///
    /// The condition is derived here, from `V′ = χ + σ_w²·E f·f″`. Roberts et al. (2022, chapter 5) discuss half-stable
    /// critical points of GELU and SiLU; the numbers were not compared with theirs.
    ///
    /// ```
    /// use mean_field::{Activation, CriticalPoint};
    /// let point = CriticalPoint::half_stable(Activation::Gelu).unwrap();
    /// assert!((point.field.weight - 1.983_058_257_4).abs() < 1e-10);
    /// assert!((point.field.bias - 0.172_922_390_8).abs() < 1e-10);
    /// assert_eq!(CriticalPoint::half_stable(Activation::Tanh), None);
    /// ```
    pub fn half_stable(activation: Activation) -> Option<Self> {
        // E f·f″/E f′²; below 1e-9 it may be 0.
        let bend = |q: f64| value_squared_slope(activation, q) / slope_squared(activation, q) - 1.0;
        let half_decades = (-8..=8).map(|half| 10_f64.powf(f64::from(half) / 2.0));
        let points: Vec<_> =
            half_decades.map(|q| (q, bend(q))).filter(|(_, bend)| bend.abs() > 1e-9).collect();
        let turn = points.windows(2).find(|two| two[0].1 > 0.0 && two[1].1 < 0.0)?;
        Self::at(activation, root(turn[0].0.ln(), turn[1].0.ln(), |ln| bend(ln.exp())).exp())
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
