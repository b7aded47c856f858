//! Growth over depth.

use std::fmt;

use crate::{significant, student};

/// How a magnitude changes from layer to layer: the slope of its logarithm, by least squares.
///
/// ```
/// use diagnostics::Flow;
/// let flow = Flow::of(&[8.0, 4.1, 2.0, 0.98]);
/// assert_eq!(flow.to_string(), "-0.702 nats a layer (-0.74 to -0.67): a factor of 10 every 3.28 layers; \
///     f32 underflows 124 layers on");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    layers: usize,
    left_out: usize,
    rate: f64,
    half_width: f64,
    last: f64,
}

/// The confidence of the interval.
const CONFIDENCE: f64 = 0.95;

impl Flow {
    /// Of one magnitude a layer, in order. A layer whose magnitude is 0 or not finite is left out.
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
        Self { layers: points.len(), left_out, rate, half_width, last }
    }

    /// Layers that were used.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Layers whose magnitude was 0 or not finite.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Nats a layer; NaN below two layers.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The 95 % confidence interval of the rate, by Student's t; `None` below three layers.
    ///
    /// Layers of one network are not independent, so a curve that bends has a wide one.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let known = self.half_width.is_finite();
        known.then_some((self.rate - self.half_width, self.rate + self.half_width))
    }

    /// Layers for a factor of ten: `ln 10/|rate|`.
    pub fn layers_per_decade(&self) -> f64 {
        std::f64::consts::LN_10 / self.rate.abs()
    }

    /// Layers after the last one until single precision has no number for it: below its smallest normal one, 1.2e-38,
    /// where digits begin to be lost, or above its largest, 3.4e38. Infinite at a rate of 0.
    pub fn layers_left(&self) -> f64 {
        let end = if self.rate < 0.0 { f32::MIN_POSITIVE } else { f32::MAX };
        ((f64::from(end).ln() - self.last) / self.rate).max(0.0)
    }
}

/// The slope through points and the half width of its interval.
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
    (rate, student::two_sided(CONFIDENCE, points.len() - 2) * (variance / xx).sqrt())
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.layers < 2 {
            return write!(f, "too few layers for a rate");
        }
        write!(f, "{} nats a layer", significant(self.rate, 3))?;
        if let Some((low, high)) = self.interval() {
            write!(f, " ({} to {})", significant(low, 2), significant(high, 2))?;
        }
        let (decade, left) = (self.layers_per_decade(), self.layers_left());
        if decade.is_finite() && decade < 1e6 {
            write!(f, ": a factor of 10 every {} layers", significant(decade, 3))?;
            let ends = if self.rate < 0.0 { "underflows" } else { "overflows" };
            write!(f, "; f32 {ends} {} layers on", significant(left.floor(), 3))?;
        }
        match self.left_out {
            0 => Ok(()),
            layers => write!(f, "; {layers} layers without a magnitude left out"),
        }
    }
}
