//! Moments in one mergeable pass.

use tensor::Real;

/// Count, range and moments of a set of numbers. Moments are those of the finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Finite values.
    pub count: u64,
    /// NaN and infinite values.
    pub non_finite: u64,
    /// Values equal to 0.
    pub zeros: u64,
    /// The smallest finite value; infinity if there is none.
    pub min: f64,
    /// The largest finite value; minus infinity if there is none.
    pub max: f64,
    /// The smallest magnitude above 0 that a double holds in full precision; infinity if there is none.
    smallest_magnitude: f64,
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
    /// The summary of no values.
    fn default() -> Self {
        Self {
            count: 0,
            non_finite: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            smallest_magnitude: f64::INFINITY,
            mean: 0.0,
            squares: 0.0,
            cubes: 0.0,
            fourths: 0.0,
            magnitudes: 0.0,
        }
    }
}

/// The number of values that are summarised in three passes: few enough to stay in the cache between them.
const CHUNK: usize = 4096;

/// `Σ x`, `Σ |x|` and the number of zeros.
fn first_sums<T: Real>(values: &[T]) -> [f64; 3] {
    simd_sums(
        values,
        #[inline(always)]
        |x| [x, x.abs(), if x == 0.0 { 1.0 } else { 0.0 }],
    )
}

impl Summary {
    /// The summary of a slice, in one pass over the memory.
    ///
    /// ```
    /// use diagnostics::Summary;
    ///
    /// let summary = Summary::of(&[1.0_f32, 2.0, 3.0, f32::NAN]);
    /// assert_eq!((summary.mean(), summary.std()), (2.0, 1.0));
    /// assert_eq!((summary.count, summary.non_finite), (3, 1));
    /// ```
    pub fn of<T: Real>(values: &[T]) -> Self {
        values.chunks(CHUNK).map(Self::of_chunk).collect()
    }

    fn of_chunk<T: Real>(chunk: &[T]) -> Self {
        let first @ [total, ..] = first_sums(chunk);
        // A sum is finite only if every term is; a sum that overflows takes the slow path too.
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
        let [squares, cubes, fourths] = simd_sums(
            chunk,
            #[inline(always)]
            move |x| {
                let deviation = x - mean;
                let square = deviation * deviation;
                [square, square * deviation, square * square]
            },
        );
        let ValueRange { min, max, smallest_magnitude } = ValueRange::of(chunk, f64::INFINITY);
        let (count, zeros) = (chunk.len() as u64, zeros as u64);
        Self {
            count,
            zeros,
            min,
            max,
            smallest_magnitude,
            mean,
            squares,
            cubes,
            fourths,
            magnitudes,
            non_finite: 0,
        }
    }

    /// Adds the values of another summary. However a set is split, its parts merge to the same result up to rounding
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
        self.smallest_magnitude = self.smallest_magnitude.min(other.smallest_magnitude);
    }

    /// The range of the values.
    pub(crate) fn range(&self) -> ValueRange {
        ValueRange { min: self.min, max: self.max, smallest_magnitude: self.smallest_magnitude }
    }

    /// `Σ x / n`; NaN without values.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// `Σ (x − mean)² / (n − 1)`, unbiased as PyTorch's; NaN with fewer than two values.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// The standard deviation, `√variance`.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The skewness `m₃ / m₂^1.5` with `mₖ = Σ (x − mean)ᵏ / n`, without a correction for the sample's size
    /// (`scipy.stats.skew`). 0 for a symmetric distribution; NaN if all values are equal up to rounding.
    pub fn skew(&self) -> f64 {
        self.cubes / self.count as f64 / self.spread().powf(1.5)
    }

    /// The kurtosis `m₄ / m₂²`: 3 for the normal distribution, not 0 (Pearson's definition,
    /// `scipy.stats.kurtosis(fisher=False)`), without a correction for the sample's size; NaN if all values are equal up
    /// to rounding.
    pub fn kurtosis(&self) -> f64 {
        self.fourths / self.count as f64 / self.spread().powi(2)
    }

    /// `m₂ = Σ (x − mean)² / n`; NaN if it is only rounding, that is if its root is below 1e-14 of the mean.
    fn spread(&self) -> f64 {
        let spread = self.squares / self.count as f64;
        if spread > (1e-14 * self.mean).powi(2) { spread } else { f64::NAN }
    }

    /// `Σ x² / n`; NaN without values.
    pub fn mean_square(&self) -> f64 {
        self.squares / self.count as f64 + self.mean * self.mean
    }

    /// The root mean square, `√(Σ x² / n)`; NaN without values.
    pub fn rms(&self) -> f64 {
        self.mean_square().sqrt()
    }

    /// The Euclidean norm `√Σ x²`, the length of the values as a vector; 0 without values.
    ///
    /// `Σ (x − mean)² + n·mean²` cancels nothing, so it is as exact as a sum of squares. The merged summaries of all
    /// parameters' gradients give their total norm, that of `torch.nn.utils.get_total_norm`.
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

    /// `Σ |x| / n`; NaN without values.
    pub fn mean_abs(&self) -> f64 {
        self.magnitudes / self.count as f64
    }

    /// The share of zeros among the finite values; NaN without values.
    pub fn zero_share(&self) -> f64 {
        self.zeros as f64 / self.count as f64
    }
}

/// Merges the summaries from first to last.
impl FromIterator<Summary> for Summary {
    fn from_iter<I: IntoIterator<Item = Self>>(summaries: I) -> Self {
        let both = |mut all: Self, summary| {
            all.merge(&summary);
            all
        };
        summaries.into_iter().reduce(both).unwrap_or_default()
    }
}

/// Interleaved sums, one for every eighth value, which the compiler turns into vector instructions.
const WIDTH: usize = 8;

/// `Σ f(x)`, for several sums at once.
///
/// `f` is a closure without branches, marked `#[inline(always)]` and `move`.
#[inline(always)]
fn simd_sums<T: Real, const SUMS: usize>(values: &[T], f: impl Fn(f64) -> [f64; SUMS] + Copy) -> [f64; SUMS] {
    let (groups, rest) = values.as_chunks::<WIDTH>();
    let mut sums = tensor::dispatch(
        #[inline(always)]
        move || {
            let mut sums = [[0.0; WIDTH]; SUMS];
            for group in groups {
                for (lane, x) in group.iter().enumerate() {
                    let terms = f(x.to_f64());
                    for sum in 0..SUMS {
                        sums[sum][lane] += terms[sum];
                    }
                }
            }
            sums
        },
    );
    for (lane, x) in rest.iter().enumerate() {
        let terms = f(x.to_f64());
        sums.iter_mut().zip(terms).for_each(|(lanes, term)| lanes[lane] += term);
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// The smallest and the largest value below a limit, and the smallest magnitude above 0. Without values, `min` is
/// infinity and `max` minus infinity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ValueRange {
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// The smallest magnitude above 0 that a double holds in full precision; infinity if there is none.
    pub(crate) smallest_magnitude: f64,
}

/// Values that are compared at once: in single precision, a vector holds twice as many as the eight of a sum. With
/// eight, a million values take 0.46 ms, with sixteen 0.16.
const RANGE_WIDTH: usize = 16;

/// The largest subnormal double; 0 in single precision.
const SUBNORMAL: f64 = f64::from_bits(f64::MIN_POSITIVE.to_bits() - 1);

impl ValueRange {
    /// The range of the values with `|x| < limit`.
    pub(crate) fn of<T: Real>(values: &[T], limit: f64) -> Self {
        let (groups, rest) = values.as_chunks::<RANGE_WIDTH>();
        let (limit, infinity) = (T::of(limit), T::of(f64::INFINITY));
        let (mut min, mut max, mut least) = tensor::dispatch(
            #[inline(always)]
            move || {
                // Three variables: as one they stay in memory, and take four times as long.
                let (mut min, mut max, mut least) =
                    ([infinity; RANGE_WIDTH], [-infinity; RANGE_WIDTH], [infinity; RANGE_WIDTH]);
                for group in groups {
                    for (lane, &x) in group.iter().enumerate() {
                        extend(x, limit, &mut min[lane], &mut max[lane], &mut least[lane]);
                    }
                }
                (min, max, least)
            },
        );
        for (lane, &x) in rest.iter().enumerate() {
            extend(x, limit, &mut min[lane], &mut max[lane], &mut least[lane]);
        }
        let smallest =
            |lanes: [T; RANGE_WIDTH]| lanes.into_iter().fold(infinity, |a, b| if b < a { b } else { a });
        let max = max.into_iter().fold(-infinity, |a, b| if b > a { b } else { a });
        let (min, least) = (smallest(min), smallest(least));
        Self { min: min.to_f64(), max: max.to_f64(), smallest_magnitude: least.to_f64() }
    }

    /// The largest magnitude; minus infinity if there are no values.
    pub(crate) fn largest_magnitude(&self) -> f64 {
        self.max.max(-self.min)
    }
}

#[inline(always)]
fn extend<T: Real>(x: T, limit: T, min: &mut T, max: &mut T, least: &mut T) {
    let magnitude = x.abs();
    let infinity = T::of(f64::INFINITY);
    let (low, high) = if magnitude < limit { (x, x) } else { (infinity, -infinity) };
    let above = if magnitude > T::of(SUBNORMAL) { magnitude } else { infinity };
    *min = if low < *min { low } else { *min };
    *max = if high > *max { high } else { *max };
    *least = if above < *least { above } else { *least };
}
