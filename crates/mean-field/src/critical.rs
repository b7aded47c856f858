//! The edge of chaos.

use tensor::Activation;

#[cfg(doc)]
use crate::CriticalPoint;
use crate::{slope_squared, value_squared};

/// The edge of chaos of a wide network without biases (Poole et al. 2016; Schoenholz et al. 2017).
///
/// With weights of variance `g²/fan_in`, each layer maps the variance q of pre-activations to `V(q) = g²·E f(√q·z)²`,
/// and multiplies the squared distance of two close inputs by `χ(q) = g²·E f′(√q·z)²`. At the edge of chaos there is a
/// fixed point `q* = V(q*)` that does not repel, with `χ(q*) = 1`: neither signals nor gradients vanish or explode
/// exponentially. With `r(q) = E f²/q`, a fixed point has `g² = 1/r`, it repels where r rises, and `χ = E f′²/r`.
///
/// | activation | g | q* | reason |
/// |---|---|---|---|
/// | identity | 1 | any | `V = g²·(1 + a²)/2·q` and `χ = g²·(1 + a²)/2` at every q, with a = 1 |
/// | ReLU | √2 | any | the same with a = 0 |
/// | leaky ReLU of slope a | √(2/(1 + a²)) | any | the same (Roberts et al. 2022, section 5.2) |
/// | tanh | 1 | 0 | r falls and `χ > 1` at every q > 0, so the edge is at 0: `g = 1/f′(0)` (section 5.3.3) |
/// | erf | √π/2 | 0 | the same |
/// | hard tanh | 1 | 0 | the same, although V(q) = q to all digits for small q |
/// | ELU of parameter a | √(2/(1 + a²)) | 0 | the same, with slopes 1 and a on the two sides of 0 |
/// | SELU | 0.690486 | 0 | the same, with slopes λ and λα; at its own fixed point, g = q = 1, χ is 1.0716 |
/// | sigmoid | 10.149264 | 45.624278 | r falls, χ rises through 1 |
/// | sine of parameter ω | 1/ω | 0 | the same as tanh: `χ = u·coth u` with `u = ω²q` |
/// | softsign, CELU | 1 | 0 | the same as tanh and `elu(1)` |
/// | ReLU6 | √2 | 0 | the same, although ReLU to all digits for small q |
/// | hard sigmoid | 10.329483 | 47.273657 | as sigmoid |
/// | both GELUs, SiLU, mish, hard swish | none | | r rises towards 1/2: every fixed point repels, except 0 below a bound on g, where `χ < 1` |
/// | ReLU² | none | | r rises without bound, and `χ = 4/3` at every fixed point |
/// | softplus, log-sigmoid | none | | r falls, and `χ < 1` at every fixed point |
///
/// At q* = 0 variances fall as a power of the depth; at q* > 0 they approach q*. Roberts et al. also require
/// `V′(q*) = 1`, which sigmoid does not have, so they count it among those without an edge (section 5.3.2).
///
/// With biases, GELU, SiLU, mish and hard swish do have a critical point: [`CriticalPoint::half_stable`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Critical {
    /// g.
    pub gain: f64,
    /// q*; `None` if every variance is a fixed point.
    pub variance: Option<f64>,
}

impl Critical {
    /// The edge of one activation, searched by quadrature between q = 10⁻⁴ and 10⁴; `None` if there is none.
    ///
    /// ```
    /// use mean_field::{Activation, Critical};
    /// assert_eq!(Critical::of(Activation::Tanh), Some(Critical { gain: 1.0, variance: Some(0.0) }));
    /// assert_eq!(Critical::of(Activation::Gelu), None);
    /// ```
    pub fn of(activation: Activation) -> Option<Self> {
        let decades = (-8..=8).map(|half| 10_f64.powf(f64::from(half) / 2.0));
        let points: Vec<SearchPoint> = decades.map(|q| SearchPoint::at(activation, q)).collect();
        if points.iter().all(SearchPoint::is_on_the_edge) {
            return Some(Self { gain: gain_at_zero(activation), variance: None });
        }
        let falls = |a: &SearchPoint, b: &SearchPoint| b.ratio < a.ratio;
        let crosses = |a: &SearchPoint, b: &SearchPoint| a.is_ordered() && b.slope > b.ratio;
        if let Some(two) = points.windows(2).find(|two| crosses(&two[0], &two[1]) && falls(&two[0], &two[1]))
        {
            return Some(Self::crossing(activation, two[0].q, two[1].q));
        }
        let never_rises = points.windows(2).all(|two| two[1].ratio <= two[0].ratio * (1.0 + 1e-12));
        let rests_at_zero = activation.eval(0.0).0 == 0.0 && never_rises;
        rests_at_zero.then(|| Self { gain: gain_at_zero(activation), variance: Some(0.0) })
    }

    /// The q in lo..hi at which χ of the fixed point rises through 1, by bisection to the last digit.
    fn crossing(activation: Activation, mut lo: f64, mut hi: f64) -> Self {
        loop {
            let q = lo.midpoint(hi);
            let at = SearchPoint::at(activation, q);
            if q <= lo || q >= hi {
                return Self { gain: 1.0 / at.slope.sqrt(), variance: Some(q) };
            }
            if at.slope < at.ratio { lo = q } else { hi = q }
        }
    }
}

/// The expectations at one variance that decide where the edge is.
struct SearchPoint {
    q: f64,
    /// `r = E f²/q`.
    ratio: f64,
    /// `E f′²`.
    slope: f64,
}

impl SearchPoint {
    fn at(activation: Activation, q: f64) -> Self {
        Self { q, ratio: value_squared(activation, q) / q, slope: slope_squared(activation, q) }
    }

    /// True if χ is 1 at this fixed point, to the accuracy of the quadrature.
    fn is_on_the_edge(&self) -> bool {
        (self.slope / self.ratio - 1.0).abs() < 1e-11
    }

    /// True if χ is below 1 by more than that accuracy.
    fn is_ordered(&self) -> bool {
        self.slope < self.ratio && !self.is_on_the_edge()
    }
}

/// `1/√(E f′²)` for q → 0, where half of the values are on either side of 0.
fn gain_at_zero(activation: Activation) -> f64 {
    let slope = |x: f64| activation.eval(x).1;
    (2.0 / (slope(f64::MIN_POSITIVE).powi(2) + slope(-f64::MIN_POSITIVE).powi(2))).sqrt()
}
