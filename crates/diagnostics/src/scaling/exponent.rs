//! The power of a size with which a quantity grows.

use std::collections::BTreeMap;

use crate::stats::student_quantile;

/// The confidence of every interval.
const CONFIDENCE: f64 = 0.95;

/// The exponent of a power law, with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalingExponent {
    /// The slope on logarithmic axes.
    pub value: f64,
    /// Half the width of the interval; NaN if the points leave no degree of freedom.
    pub half_width: f64,
    /// The number of points.
    pub points: usize,
}

impl ScalingExponent {
    /// The slope of `ln value` against `ln size` through points `(size, seed, value)`, by least squares with a level for each
    /// seed. Values that are not above 0 and finite have no logarithm and are left out. `None` if no seed has two sizes.
    ///
    /// ```
    /// use diagnostics::scaling::ScalingExponent;
    /// let points = [(8.0, 1, 2.0), (16.0, 1, 4.1), (32.0, 1, 7.9), (64.0, 1, 16.0)];
    /// let exponent = ScalingExponent::fit(points).unwrap();
    /// assert_eq!(format!("{:.2} ± {:.2}", exponent.value, exponent.half_width), "0.99 ± 0.05");
    /// ```
    pub fn fit(points: impl IntoIterator<Item = (f64, u64, f64)>) -> Option<Self> {
        let mut seeds: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
        for (size, seed, value) in points {
            if value > 0.0 && value.is_finite() {
                seeds.entry(seed).or_default().push((size.ln(), value.ln()));
            }
        }
        let centred: Vec<(f64, f64)> = seeds.values().flat_map(|points| centred(points)).collect();
        let sum = |of: fn(&(f64, f64)) -> f64| centred.iter().map(of).sum::<f64>();
        let xx = sum(|p| p.0 * p.0);
        if xx <= 0.0 {
            return None;
        }
        let value = sum(|p| p.0 * p.1) / xx;
        let squares: f64 = centred.iter().map(|p| (p.1 - value * p.0).powi(2)).sum();
        let half_width = match centred.len().saturating_sub(seeds.len() + 1) {
            0 => f64::NAN,
            freedom => student_quantile(CONFIDENCE, freedom) * (squares / freedom as f64 / xx).sqrt(),
        };
        Some(Self { value, half_width, points: centred.len() })
    }

    /// The lower end of the interval.
    pub fn low(&self) -> f64 {
        self.value - self.half_width
    }

    /// The upper end of the interval.
    pub fn high(&self) -> f64 {
        self.value + self.half_width
    }
}

/// Points around their mean.
fn centred(points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    let n = points.len() as f64;
    let mean = points.iter().fold((0.0, 0.0), |mean, p| (mean.0 + p.0 / n, mean.1 + p.1 / n));
    points.iter().map(move |p| (p.0 - mean.0, p.1 - mean.1))
}
