//! Mean and central moments that merge.

use super::number::MeasuredNumber;

/// The mean and the central moments of a set of finite numbers, in double precision.
///
/// Fourth powers of doubles above 10⁷⁷ overflow: moments are then infinite or NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CentralMoments {
    /// The number of values.
    pub count: u64,
    /// Their mean; 0 if there are none.
    pub mean: f64,
    /// `Σ (x − mean)²`.
    pub squares: f64,
    /// `Σ (x − mean)³`.
    pub cubes: f64,
    /// `Σ (x − mean)⁴`.
    pub fourths: f64,
}

impl CentralMoments {
    /// The moments of finite values, in two passes: one for the mean, one for what is around it.
    #[inline(always)]
    pub(super) fn of<T: MeasuredNumber>(values: &[T], sum: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let centre = sum / n;
        let [first, squares, cubes, fourths] = power_sums(values, centre);
        // The rounding of the centre is corrected to first order, which is all of it.
        let shift = first / n;
        Self {
            count: values.len() as u64,
            mean: centre + shift,
            squares: (squares - first * shift).max(0.0),
            cubes: cubes - 3.0 * shift * squares,
            fourths: (fourths - 4.0 * shift * cubes).max(0.0),
        }
    }

    /// Adds the moments of other values: Pébay's formulas (SAND2008-6212, 2008).
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let n = a + b;
        let delta = other.mean - self.mean;
        let step = delta / n;
        let fourths = self.fourths
            + other.fourths
            + delta * step.powi(3) * a * b * (a * a - a * b + b * b)
            + 6.0 * step * step * (a * a * other.squares + b * b * self.squares)
            + 4.0 * step * (a * other.cubes - b * self.cubes);
        let cubes = self.cubes
            + other.cubes
            + delta * step * step * a * b * (a - b)
            + 3.0 * step * (a * other.squares - b * self.squares);
        *self = Self {
            count: self.count + other.count,
            mean: self.mean + step * b,
            squares: self.squares + other.squares + delta * step * a * b,
            cubes,
            fourths,
        };
    }

    /// The variance, with divisor n; NaN if there are no values.
    pub fn variance(&self) -> f64 {
        self.squares / self.count as f64
    }

    /// The standard deviation, with divisor n; NaN if there are no values.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The skewness, 0 for a symmetric distribution; NaN if all values are equal.
    pub fn skewness(&self) -> f64 {
        self.cubes / self.count as f64 / self.variance().powf(1.5)
    }

    /// The kurtosis: 3 for a normal distribution, 1.8 for a uniform one; NaN if all values are equal.
    pub fn kurtosis(&self) -> f64 {
        self.fourths / self.count as f64 / self.variance().powi(2)
    }
}

/// The number of partial sums, so that no addition waits for the one before.
const WIDTH: usize = 16;

/// `Σ d`, `Σ d²`, `Σ d³` and `Σ d⁴` of the distances to a centre.
#[inline(always)]
fn power_sums<T: MeasuredNumber>(values: &[T], centre: f64) -> [f64; 4] {
    let mut sums = [[0.0; WIDTH]; 4];
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    for chunk in chunks {
        for (lane, &x) in chunk.iter().enumerate() {
            add_powers(&mut sums, lane, x.double() - centre);
        }
    }
    for (lane, &x) in rest.iter().enumerate() {
        add_powers(&mut sums, lane, x.double() - centre);
    }
    sums.map(|lanes| lanes.iter().sum())
}

#[inline(always)]
fn add_powers(sums: &mut [[f64; WIDTH]; 4], lane: usize, d: f64) {
    let square = d * d;
    sums[0][lane] += d;
    sums[1][lane] += square;
    sums[2][lane] += square * d;
    sums[3][lane] += square * square;
}
