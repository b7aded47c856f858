//! Moments in one mergeable pass.

use tensor::Real;

use crate::extent::Extent;
use crate::lanes::sums;

/// What is known of a set of numbers after one pass. Moments are those of the finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Finite values.
    pub count: u64,
    /// NaN and infinite values.
    pub non_finite: u64,
    /// Values equal to 0.
    pub zeros: u64,
    /// The smallest finite value; infinity when there is none.
    pub min: f64,
    /// The largest finite value; minus infinity when there is none.
    pub max: f64,
    /// The smallest magnitude above 0 that a double holds in full precision; infinity when there is none.
    least: f64,
    mean: f64,
    /// `Σ (x − mean)²`.
    squares: f64,
    /// `Σ (x − mean)³`.
    cubes: f64,
    /// `Σ (x − mean)⁴`.
    fourths: f64,
    /// `Σ |x|`.
    magnitudes: f64,
}

impl Default for Summary {
    /// Of nothing.
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mean, squares, cubes, fourths, magnitudes) = (0.0, 0.0, 0.0, 0.0, 0.0);
        Self {
            count: 0,
            non_finite: 0,
            zeros: 0,
            min,
            max,
            least: min,
            mean,
            squares,
            cubes,
            fourths,
            magnitudes,
        }
    }
}

/// Values that are summarised in three passes, small enough to stay in the cache between them.
const CHUNK: usize = 4096;

/// `Σ x`, `Σ |x|` and the number of zeros.
fn first_sums<T: Real>(values: &[T]) -> [f64; 3] {
    sums(
        values,
        #[inline(always)]
        |x| [x, x.abs(), if x == 0.0 { 1.0 } else { 0.0 }],
    )
}

impl Summary {
    /// Of a slice, in one pass over the memory.
    pub fn of<T: Real>(values: &[T]) -> Self {
        values.chunks(CHUNK).map(Self::of_chunk).collect()
    }

    fn of_chunk<T: Real>(chunk: &[T]) -> Self {
        let first @ [total, ..] = first_sums(chunk);
        // A sum is finite only if every term is; one that overflows is sorted out the slow way too.
        if total.is_finite() {
            return Self::of_finite(chunk, first);
        }
        let finite: Vec<T> = chunk.iter().copied().filter(|x| x.to_f64().is_finite()).collect();
        let non_finite = (chunk.len() - finite.len()) as u64;
        Self { non_finite, ..Self::of_finite(&finite, first_sums(&finite)) }
    }

    fn of_finite<T: Real>(chunk: &[T], [total, magnitudes, zeros]: [f64; 3]) -> Self {
        if chunk.is_empty() {
            return Self::default();
        }
        let mean = total / chunk.len() as f64;
        let [squares, cubes, fourths] = sums(
            chunk,
            #[inline(always)]
            move |x| {
                let deviation = x - mean;
                let square = deviation * deviation;
                [square, square * deviation, square * square]
            },
        );
        let Extent { min, max, least } = Extent::of(chunk, f64::INFINITY);
        let (count, zeros) = (chunk.len() as u64, zeros as u64);
        Self { count, non_finite: 0, zeros, min, max, least, mean, squares, cubes, fourths, magnitudes }
    }

    /// Adds what another pass saw: any split of a set gives the same result up to rounding
    /// (Chan, Golub & LeVeque 1979, eq. 2.1; third and fourth powers: Pébay 2008, Sandia report SAND2008-6212,
    /// eq. 2.1 with p = 3 and 4).
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (self.count as f64, other.count as f64);
        if other.count > 0 {
            let delta = other.mean - self.mean;
            let (p, q) = (a / (a + b), b / (a + b));
            self.fourths += other.fourths
                + 4.0 * delta * (p * other.cubes - q * self.cubes)
                + 6.0 * delta * delta * (p * p * other.squares + q * q * self.squares)
                + delta.powi(4) * a * q * (p * p - p * q + q * q);
            self.cubes += other.cubes
                + 3.0 * delta * (p * other.squares - q * self.squares)
                + delta.powi(3) * a * q * (p - q);
            self.mean += delta * q;
            self.squares += other.squares + delta * delta * (a * b / (a + b));
        }
        self.magnitudes += other.magnitudes;
        self.count += other.count;
        self.non_finite += other.non_finite;
        self.zeros += other.zeros;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.least = self.least.min(other.least);
    }

    /// The range of the values.
    pub(crate) fn extent(&self) -> Extent {
        Extent { min: self.min, max: self.max, least: self.least }
    }

    /// `Σ x / n`; NaN of nothing.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// `Σ (x − mean)² / (n − 1)`, unbiased as PyTorch's; NaN below two values.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// `√variance`, in the values' unit.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// `m₃ / m₂^1.5` with `mₖ = Σ (x − mean)ᵏ / n`: the sample's own skewness g₁, without a correction for its
    /// size (`scipy.stats.skew`). 0 for symmetric laws; NaN where all values are equal up to rounding.
    pub fn skew(&self) -> f64 {
        self.cubes / self.count as f64 / self.spread().powf(1.5)
    }

    /// `m₄ / m₂²`: 3 for the normal law, not 0 (Pearson's definition, `scipy.stats.kurtosis(fisher=False)`),
    /// without a correction for the sample's size; NaN where all values are equal up to rounding.
    pub fn kurtosis(&self) -> f64 {
        self.fourths / self.count as f64 / self.spread().powi(2)
    }

    /// `m₂ = Σ (x − mean)² / n`; NaN where it is rounding: where its root is below 1e-14 of the mean.
    fn spread(&self) -> f64 {
        let spread = self.squares / self.count as f64;
        if spread > (1e-14 * self.mean).powi(2) { spread } else { f64::NAN }
    }

    /// `Σ x² / n`; NaN of nothing.
    pub fn mean_square(&self) -> f64 {
        self.squares / self.count as f64 + self.mean * self.mean
    }

    /// `√(Σ x² / n)`, in the values' unit; NaN of nothing.
    pub fn rms(&self) -> f64 {
        self.mean_square().sqrt()
    }

    /// `√Σ x²`, the length of the values as a vector; 0 of nothing.
    ///
    /// Nothing cancels in `Σ (x − mean)² + n·mean²`, so it is as exact as a sum of squares. Merged summaries of all
    /// parameters' gradients have the total norm, as `torch.nn.utils.get_total_norm` gives it.
    ///
    /// ```
    /// use diagnostics::Summary;
    ///
    /// let gradients = [&[3.0_f32, 0.0][..], &[1e30, 4.0]];
    /// let total: Summary = gradients.map(Summary::of).into_iter().collect();
    /// assert!((Summary::of(&[3.0_f32, 4.0]).norm() - 5.0).abs() < 1e-15);
    /// assert!((total.norm() / 1e30 - 1.0).abs() < 1e-7); // no overflow, as 1e30² would be in single precision
    /// ```
    pub fn norm(&self) -> f64 {
        (self.squares + self.count as f64 * self.mean * self.mean).sqrt()
    }

    /// `Σ |x| / n`; NaN of nothing.
    pub fn mean_abs(&self) -> f64 {
        self.magnitudes / self.count as f64
    }

    /// The share of zeros among the finite values; NaN of nothing.
    pub fn zero_share(&self) -> f64 {
        self.zeros as f64 / self.count as f64
    }
}

/// Merged from first to last.
impl FromIterator<Summary> for Summary {
    fn from_iter<I: IntoIterator<Item = Self>>(summaries: I) -> Self {
        let both = |mut all: Self, summary| {
            all.merge(&summary);
            all
        };
        summaries.into_iter().reduce(both).unwrap_or_default()
    }
}
