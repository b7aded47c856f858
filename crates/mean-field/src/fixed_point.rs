//! Fixed points of variance and correlation, the rates at which they are approached, and the phase.

use std::fmt;

use crate::MeanField;
use crate::root::root;
use crate::series::PairSeries;

/// A variance whose relative change per layer is below this counts as a fixed point: the accuracy of the quadrature.
const STILL: f64 = 1e-12;

/// The distance from 1 within which χ counts as critical and a depth as infinite.
const CRITICAL: f64 = 1e-9;

/// The phase of a network: the fate of two close inputs and of gradients (Poole et al. 2016; Schoenholz et al. 2017).
///
/// There is no fourth phase, so matches may be exhaustive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// χ < 1: inputs become more similar, gradients vanish.
    Ordered,
    /// χ within 1e-9 of 1: distances and gradients keep their size.
    Critical,
    /// χ > 1: close inputs diverge, gradients explode.
    Chaotic,
}

impl Phase {
    /// The phase of a χ. NaN counts as chaotic.
    pub fn of(chi: f64) -> Self {
        if (chi - 1.0).abs() <= CRITICAL {
            Self::Critical
        } else if chi < 1.0 {
            Self::Ordered
        } else {
            Self::Chaotic
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ordered => "ordered",
            Self::Critical => "critical",
            Self::Chaotic => "chaotic",
        })
    }
}

impl MeanField {
    /// q*: the variance that deep layers approach if the first has the variance `from`; it may be 0 or ∞.
    ///
    /// | activation, `σ_b = 0` | `σ_w²` | q* from 1 |
    /// |---|---|---|
    /// | tanh | up to 1; above | 0; a positive number |
    /// | ReLU | below 2; 2; above | 0; 1, because every variance is a fixed point; ∞ |
    /// | softplus | below 2; from 2 on | a positive number; ∞ |
    ///
    /// It is the first variance above or below `from` at which `V(q) = q`, for maps V that do not fall, as those of all
    /// activations here. The search goes in steps of at least a factor of √10, and by Newton's steps where one of these may have
    /// passed two fixed points, as for squared ReLU; it misses two that are closer together if V is neither convex nor concave there. If `from` itself changes by less than 1e-12 of its value per layer, it counts as fixed. It takes
    /// some milliseconds.
    pub fn fixed_variance(&self, from: f64) -> f64 {
        let start = if from == 0.0 || from == f64::INFINITY { self.variance(from) } else { from };
        let rise = self.rise(start);
        if start == 0.0 || start == f64::INFINITY || rise.is_nan() || rise.abs() <= STILL {
            return start;
        }
        self.walk(start, rise > 0.0)
    }

    /// `ln(V(q)/q)`: positive where variances grow.
    fn rise(&self, q: f64) -> f64 {
        (self.variance(q) / q).ln()
    }

    /// The first fixed point above or below a variance that is not one.
    fn walk(&self, start: f64, up: bool) -> f64 {
        const STEP: f64 = 3.162_277_660_168_379_5;
        // Outside these limits V is a multiple of q to all digits.
        let highest = 1e20 * [1.0, start, self.weight, self.bias].into_iter().fold(0.0, f64::max);
        let lowest = if self.variance(0.0) == 0.0 { 1e-20 * start.min(1.0) } else { 0.0 };
        let (mut q, mut behind) = (start, start);
        while q > lowest && q < highest {
            let next = self.variance(q);
            q = if up { next.max(q * STEP) } else { next.min(q / STEP) };
            let rise = if up { self.rise(q) } else { -self.rise(q) };
            if rise < -STILL {
                return root(behind.ln(), q.ln(), |ln| self.rise(ln.exp())).exp();
            }
            if rise > STILL {
                if let Some(fixed) = self.passed(behind, q) {
                    return fixed;
                }
                behind = q;
            }
        }
        if up { f64::INFINITY } else { 0.0 }
    }

    /// The fixed point nearest to `from` on the way to a variance at which the map leads the same way, if there are two.
    ///
    /// They are there only if V is convex on the way up, or concave on the way down, and then Newton's steps for `V(q) = q` approach
    /// the nearer one without passing it (derived here). If there is none they leave the interval, or reach a slope of 1.
    fn passed(&self, from: f64, to: f64) -> Option<f64> {
        let mut q = from;
        for _ in 0..100 {
            let left = 1.0 - self.variance_slope(q);
            let next = q + (self.variance(q) - q) / left;
            let inside = (q.min(to)..q.max(to)).contains(&next) && next > 0.0;
            if left <= 0.0 || !inside {
                return None;
            }
            q = next;
            if self.rise(q).abs() <= STILL {
                return Some(q);
            }
        }
        None
    }

    /// c*: the correlation that any two inputs approach while their variance stays at q. It is 1 if `C′(1) ≤ 1`, and
    /// less in the chaotic phase.
    ///
    /// C is a power series with coefficients of at least 0, so c* is between 0 and 1, and no other fixed point is below
    /// 1 (for odd functions without biases it is 0). The error is at most 1e-12 of `1/(C′(1) − 1)`, which is largest
    /// near criticality. If it is not 1 it takes less than a millisecond for smooth functions, and up to a quarter of a second
    /// for those with kinks or of large variances.
    pub fn fixed_correlation(&self, q: f64) -> f64 {
        let slope = self.correlation_slope(q, 1.0);
        if slope <= 1.0 + CRITICAL {
            return 1.0;
        }
        let (pairs, second) = (PairSeries::of(self.activation, q), self.rms(q).powi(2));
        let correlation = |c: f64| (self.weight * pairs.values(c) + self.bias) / second;
        // The division removes the fixed point at 1, where the quotient is 1 − C′(1).
        let rest = |c: f64| if c == 1.0 { 1.0 - slope } else { (correlation(c) - c) / (1.0 - c) };
        if rest(0.0) <= STILL {
            return 0.0;
        }
        root(0.0, 1.0, rest)
    }

    /// The phase at the fixed point that is reached from a variance of 1.
    ///
    /// For unbounded functions this point may be 0 or ∞: ReLU with `σ_w² = 2` is critical with and without biases.
    pub fn phase(&self) -> Phase {
        Phase::of(self.chi(self.fixed_variance(1.0)))
    }

    /// `ξ_q = −1/ln V′(q*)`: the number of layers in which the difference to q* shrinks e-fold (Schoenholz et al. 2017,
    /// section 3).
    ///
    /// It is infinite if V′ is within 1e-9 of 1, negative at a fixed point that repels, and 0 if V′ is 0.
    pub fn variance_depth(&self, fixed: f64) -> f64 {
        depth(self.variance_slope(fixed))
    }

    /// `ξ_c = −1/ln(σ_w²·E f′(√q*·x)·f′(√q*·y))` for x and y of correlation c*: the number of layers in which the
    /// difference to c* shrinks e-fold, and information with it (Schoenholz et al. 2017, section 3). In the ordered
    /// phase it is `−1/ln χ₁`.
    ///
    /// It is infinite if χ is within 1e-9 of 1. At q* = ∞ above criticality c* is 1 and `ξ_c` is negative: distances
    /// grow with the variances.
    pub fn correlation_depth(&self, fixed: f64) -> f64 {
        let slopes = PairSeries::of(self.activation, fixed).slopes(self.fixed_correlation(fixed));
        depth(self.weight * slopes)
    }
}

/// The number of layers l in which `rate^l` falls e-fold.
fn depth(rate: f64) -> f64 {
    if (rate - 1.0).abs() <= CRITICAL { f64::INFINITY } else { -1.0 / rate.abs().ln() }
}
