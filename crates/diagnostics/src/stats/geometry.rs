//! Directions: the examples of a batch, and the singular values of a Jacobian.

use std::fmt;

use tensor::{Real, Tensor};

use super::moments::Summary;
use crate::format::significant;

/// The number of directions that a batch fills, and the mean cosine similarity of its examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// The number of examples.
    pub examples: u64,
    /// The participation ratio `(Σλ)²/Σλ²` of the eigenvalues λ of the examples' covariance: from 1, if they differ along
    /// one direction only, to the number of directions. NaN if all examples are equal.
    pub effective_rank: f64,
    /// The mean of `⟨x, y⟩/(|x|·|y|)` over all pairs of examples. Equal examples are pairs too, so repetitions raise it.
    /// NaN if a row is 0 or not finite, or there is no pair.
    pub mean_cosine_similarity: f64,
    /// True if rows are longer than [`Geometry::LARGEST`] and a sample of their features stands for all.
    pub sampled: bool,
}

impl Geometry {
    /// The number of features up to which all of them are compared.
    ///
    /// Longer rows are sampled at this number of features, one of each stretch. The inner product of two rows then has a standard
    /// error of about `1/√65,536`, 0.4%, of the product of their lengths. All 800,000 features of a convolution's output
    /// `[64, 256, 56, 56]` would take 2 s.
    pub const LARGEST: usize = 1 << 16;

    /// The geometry of rows of `features` values.
    ///
    /// The effective rank takes a product of the centred values with themselves, over the shorter side. It needs no
    /// eigenvalues, since `Σλ` is the trace of the covariance and `Σλ²` the sum of its squares.
    ///
    /// ```
    /// use diagnostics::Geometry;
    /// // Four examples at the corners of a square.
    /// let square = Geometry::of(&[1.0_f64, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0], 2);
    /// assert_eq!((square.effective_rank, square.mean_cosine_similarity), (2.0, -1.0 / 3.0));
    /// ```
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], features: usize) -> Self {
        let whole = features > 0 && values.len().is_multiple_of(features);
        assert!(whole, "Geometry: {} values are not whole rows of {features} features", values.len());
        if features <= Self::LARGEST {
            return Self::of_rows(values.iter().map(|x| x.to_f64()).collect(), features, false);
        }
        Self::sampled(values.len() / features, features, Self::LARGEST, |row, column| {
            values[row * features + column].to_f64()
        })
    }

    /// The geometry of rows of which at most `largest` features are compared, one of each stretch; `get` has the value of a row and a
    /// column.
    pub(crate) fn sampled(
        examples: usize,
        features: usize,
        largest: usize,
        get: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let compared = features.min(largest);
        let column = |i: u64| {
            // One of each stretch, at a place that follows no pattern: rows of an image would coincide with an even spacing.
            let [low, high] = [i, i + 1].map(|i| i * features as u64 / compared as u64);
            (low + scattered(i) % (high - low)) as usize
        };
        let columns: Vec<usize> = if compared == features {
            (0..features).collect()
        } else {
            (0..compared as u64).map(column).collect()
        };
        let mut rows = Vec::with_capacity(examples * compared);
        for row in 0..examples {
            rows.extend(columns.iter().map(|&column| get(row, column)));
        }
        Self::of_rows(rows, compared, compared < features)
    }

    fn of_rows(rows: Vec<f64>, features: usize, sampled: bool) -> Self {
        let examples = rows.len() / features;
        let mean_cosine_similarity = mean_cosine_similarity(&rows, features);
        let rows = Tensor::from_vec(rows, [examples, features]).expect("whole rows");
        let effective_rank = effective_rank(rows);
        Self { examples: examples as u64, effective_rank, mean_cosine_similarity, sampled }
    }

    /// Averages both numbers with those of another batch, weighted by examples, since neither is a sum over examples.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (self.examples as f64, other.examples as f64);
        let mean = |x: f64, y: f64| (a * x + b * y) / (a + b);
        self.effective_rank = mean(self.effective_rank, other.effective_rank);
        self.mean_cosine_similarity = mean(self.mean_cosine_similarity, other.mean_cosine_similarity);
        self.examples += other.examples;
        self.sampled |= other.sampled;
    }
}

/// A number without a pattern for each index: Weyl's sequence, hashed.
fn scattered(index: u64) -> u64 {
    let mixed = (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32
}

fn effective_rank(rows: Tensor<f64>) -> f64 {
    let &[examples, features] = rows.shape().dims() else { unreachable!("rows are a matrix") };
    let size: f64 = rows.data().iter().map(|x| x * x).sum();
    let mean = rows.sum_rows().scale(-1.0 / examples as f64);
    let centred = rows.add_row(&mean);
    let gram = if examples < features { centred.matmul_nt(&centred) } else { centred.matmul_tn(&centred) };
    let side = examples.min(features);
    let trace: f64 = (0..side).map(|i| gram.data()[i * side + i]).sum();
    let squares: f64 = gram.data().iter().map(|x| x * x).sum();
    // Equal examples differ only by the rounding of the mean.
    if trace > 1e-24 * size { trace * trace / squares } else { f64::NAN }
}

/// `(|Σu|² − n)/(n(n − 1))` of the rows' unit vectors u.
fn mean_cosine_similarity(rows: &[f64], features: usize) -> f64 {
    let mut sum = vec![0.0; features];
    let mut examples = 0.0;
    for row in rows.chunks_exact(features) {
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / length);
        examples += 1.0;
    }
    let square: f64 = sum.iter().map(|x| x * x).sum();
    // One example would leave a rounding error divided by 0.
    if examples > 1.0 { (square - examples) / (examples * (examples - 1.0)) } else { f64::NAN }
}

/// The singular values of a network's input–output Jacobian: the factors by which it stretches a small change of its
/// input, in the direction with the most, the direction with the least, and on average. If all are 1, the network has
/// dynamical isometry (Saxe et al. 2014; Pennington et al. 2017).
///
/// ```
/// use diagnostics::Spectrum;
/// let spectrum = Spectrum::of(&[2.0_f64, 1.0, 0.5]);
/// assert_eq!((spectrum.largest, spectrum.smallest, spectrum.condition()), (2.0, 0.5, 4.0));
/// assert!((spectrum.mean_square - 1.75).abs() < 1e-15); // the mean of σ²
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum {
    /// The number of singular values.
    pub count: u64,
    /// The largest; NaN without values.
    pub largest: f64,
    /// The smallest; NaN without values.
    pub smallest: f64,
    /// The mean of their squares: the factor by which the squared length of a change in a random direction grows.
    pub mean_square: f64,
}

impl Spectrum {
    /// The spectrum of singular values in any order; all NaN if one of them is not finite.
    pub fn of<T: Real>(values: &[T]) -> Self {
        let summary = Summary::of(values);
        let count = values.len() as u64;
        if summary.count == 0 || summary.non_finite > 0 {
            return Self { count, largest: f64::NAN, smallest: f64::NAN, mean_square: f64::NAN };
        }
        Self { count, largest: summary.max, smallest: summary.min, mean_square: summary.mean_square() }
    }

    /// The condition number `largest/smallest`, infinite if a direction is lost.
    pub fn condition(&self) -> f64 {
        self.largest / self.smallest
    }
}

impl fmt::Display for Spectrum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high, root] =
            [self.smallest, self.largest, self.mean_square.sqrt()].map(|x| significant(x, 3));
        write!(f, "{} singular values from {low} to {high}, root mean square {root}", self.count)
    }
}
