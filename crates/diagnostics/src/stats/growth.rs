//! Growth over depth, with its confidence interval.

use std::f64::consts::FRAC_2_PI;
use std::fmt;

use crate::format::significant;

/// The growth of a magnitude from layer to layer: the slope of its logarithm, by least squares.
///
/// ```
/// use diagnostics::Flow;
/// let flow = Flow::of(&[8.0, 4.1, 2.0, 0.98]);
/// assert_eq!(flow.to_string(), "0.496× per layer (0.48× to 0.51×): a factor of 10 every 3.28 layers; \
///     f32 underflows after 124 more layers");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    layers: usize,
    left_out: usize,
    rate: f64,
    half_width: f64,
    last: f64,
    /// True if the magnitudes cannot exceed a bound, so that growth ends without an overflow.
    bounded: bool,
}

/// The confidence of the interval.
const CONFIDENCE: f64 = 0.95;

impl Flow {
    /// The growth of one magnitude per layer, in order. Layers whose magnitude is 0 or not finite are left out.
    pub fn of(magnitudes: &[f64]) -> Self {
        let usable = |x: f64| x > 0.0 && x.is_finite();
        let points: Vec<(f64, f64)> = magnitudes
            .iter()
            .enumerate()
            .filter(|&(_, &x)| usable(x))
            .map(|(layer, &x)| (layer as f64, x.ln()))
            .collect();
        let (rate, half_width) = slope(&points);
        let last = points.last().map_or(f64::NAN, |&(_, y)| y);
        let left_out = magnitudes.len() - points.len();
        Self { layers: points.len(), left_out, rate, half_width, last, bounded: false }
    }

    /// The same for magnitudes that cannot exceed a bound, such as those of tanh.
    pub(crate) fn bounded(self) -> Self {
        Self { bounded: true, ..self }
    }

    /// The number of layers that were used.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// The number of layers whose magnitude was 0 or not finite.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The rate in nats per layer; NaN with fewer than two layers.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The 95% confidence interval of the rate, by Student's t; `None` with fewer than three layers.
    ///
    /// The layers of a network are not independent, so growth that is not exponential has a wide interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let known = self.half_width.is_finite();
        known.then_some((self.rate - self.half_width, self.rate + self.half_width))
    }

    /// The number of layers per factor of ten: `ln 10/|rate|`.
    pub fn layers_per_decade(&self) -> f64 {
        std::f64::consts::LN_10 / self.rate.abs()
    }

    /// The number of layers after the last one until the magnitude leaves single precision: below its smallest normal
    /// number, 1.2e-38, where it begins to lose digits, or above its largest, 3.4e38. Infinite at a rate of 0, and for
    /// growing magnitudes that have a bound.
    pub fn layers_left(&self) -> f64 {
        if self.bounded && self.rate > 0.0 {
            return f64::INFINITY;
        }
        let end = if self.rate < 0.0 { f32::MIN_POSITIVE } else { f32::MAX };
        ((f64::from(end).ln() - self.last) / self.rate).max(0.0)
    }
}

/// The slope through points, and half the width of its interval.
fn slope(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(&|p| p.0), mean(&|p| p.1));
    let xx: f64 = points.iter().map(|p| (p.0 - x_mean).powi(2)).sum();
    let xy: f64 = points.iter().map(|p| (p.0 - x_mean) * (p.1 - y_mean)).sum();
    let rate = xy / xx;
    if points.len() < 3 {
        return (rate, f64::NAN);
    }
    let residual = |p: &(f64, f64)| (p.1 - y_mean - rate * (p.0 - x_mean)).powi(2);
    let variance = points.iter().map(residual).sum::<f64>() / (n - 2.0);
    (rate, student_quantile(CONFIDENCE, points.len() - 2) * (variance / xx).sqrt())
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.layers < 2 {
            return write!(f, "too few layers for a rate");
        }
        let factor = |rate: f64, digits| significant(rate.exp(), digits);
        write!(f, "{}× per layer", factor(self.rate, 3))?;
        if let Some((low, high)) = self.interval() {
            write!(f, " ({}× to {}×)", factor(low, 2), factor(high, 2))?;
        }
        let (decade, left) = (self.layers_per_decade(), self.layers_left());
        if decade.is_finite() && decade < 1e6 {
            write!(f, ": a factor of 10 every {} layers", significant(decade, 3))?;
            let ends = if self.rate < 0.0 { "underflows" } else { "overflows" };
            if left.is_finite() {
                write!(f, "; f32 {ends} after {} more layers", significant(left.floor(), 3))?;
            }
        }
        match self.left_out {
            0 => Ok(()),
            layers => write!(f, "; left out: {layers} layers whose magnitude is 0 or not finite"),
        }
    }
}

/// The t with `P(|T| ≤ t) = confidence`, for Student's distribution with a whole number of degrees of freedom.
///
/// It is found by bisection on the closed form. Even the smallest library would add a compiler's worth of macros to every
/// user of this crate for this one number.
pub(crate) fn student_quantile(confidence: f64, freedom: usize) -> f64 {
    let (mut lo, mut hi) = (0.0, f64::MAX.sqrt());
    loop {
        // The middle of the exponents while they differ, then that of the values.
        let middle = if hi > 4.0 * (lo + 1e-3) { ((lo + 1e-3) * hi).sqrt() } else { f64::midpoint(lo, hi) };
        if middle <= lo || middle >= hi {
            return middle;
        }
        if student_probability(middle, freedom) < confidence { lo = middle } else { hi = middle }
    }
}

/// `P(|T| ≤ t)`, Abramowitz & Stegun 1964, equations 26.7.3 and 26.7.4.
fn student_probability(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cos, 0.0) } else { (1.0, 0.0) };
    // Terms in even or odd powers of the cosine, each from the previous one.
    for k in 0..freedom.saturating_sub(1).div_ceil(2) {
        sum += term;
        let k = k as f64;
        let ratio = if odd { (2.0 * k + 2.0) / (2.0 * k + 3.0) } else { (2.0 * k + 1.0) / (2.0 * k + 2.0) };
        term *= ratio * cos * cos;
    }
    if odd { FRAC_2_PI * (angle + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::{student_probability, student_quantile};

    #[test]
    fn student_quantiles_are_those_of_a_library() {
        for freedom in (1..=30).chain([47, 48, 200, 999]) {
            let library = StudentsT::new(0.0, 1.0, freedom as f64).unwrap();
            for t in [0.1, 1.0, 2.5, 12.7, 300.0] {
                // The library's incomplete beta function has about eleven digits.
                let exact = 1.0 - 2.0 * library.cdf(-t);
                assert!((student_probability(t, freedom) - exact).abs() < 1e-10, "{freedom} degrees at {t}");
            }
            for confidence in [0.5, 0.95, 0.999] {
                let t = student_quantile(confidence, freedom);
                assert!(
                    (student_probability(t, freedom) - confidence).abs() < 1e-13,
                    "{freedom} degrees, {confidence}"
                );
            }
        }
        // The tables' own digits.
        assert_eq!(
            [1, 2, 10].map(|freedom| format!("{:.3}", student_quantile(0.95, freedom))),
            ["12.706", "4.303", "2.228"]
        );
    }
}
