//! How examples lie to each other.

use tensor::{Real, Tensor};

/// How many directions a batch fills, and how alike its examples are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Examples.
    pub examples: u64,
    /// The participation ratio `(Σλ)²/Σλ²` of the eigenvalues λ of the examples' covariance: from 1, where they differ
    /// along one direction, to the number of directions. NaN where they do not differ.
    pub effective_rank: f64,
    /// The mean of `⟨x, y⟩/(|x|·|y|)` over pairs of examples. Equal examples count as pairs too, so a batch with
    /// repetitions is more alike than its contents. NaN where a row is 0 or not finite, or there is no pair.
    pub mean_cosine_similarity: f64,
}

impl Geometry {
    /// Of rows of so many features.
    ///
    /// The rank takes a product of the centred values with themselves, over the shorter side; no eigenvalues, since
    /// `Σλ` is the trace of the covariance and `Σλ²` the sum of its squares.
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
        assert!(whole, "{} values are not rows of {features} features", values.len());
        let examples = values.len() / features;
        let rows: Vec<f64> = values.iter().map(|x| x.to_f64()).collect();
        let mean_cosine_similarity = mean_cosine_similarity(&rows, features);
        let rows = Tensor::from_vec(rows, [examples, features]).expect("whole rows");
        Self { examples: examples as u64, effective_rank: effective_rank(&rows), mean_cosine_similarity }
    }

    /// Both numbers averaged with another batch's, weighted by examples: neither is a sum over examples.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (self.examples as f64, other.examples as f64);
        let mean = |x: f64, y: f64| (a * x + b * y) / (a + b);
        self.effective_rank = mean(self.effective_rank, other.effective_rank);
        self.mean_cosine_similarity = mean(self.mean_cosine_similarity, other.mean_cosine_similarity);
        self.examples += other.examples;
    }
}

fn effective_rank(rows: &Tensor<f64>) -> f64 {
    let &[examples, features] = rows.shape().dims() else { unreachable!("rows are a matrix") };
    let mean = rows.sum_rows().scale(-1.0 / examples as f64);
    let centred = rows.clone().add_row(&mean);
    let gram = if examples < features { centred.matmul_nt(&centred) } else { centred.matmul_tn(&centred) };
    let side = examples.min(features);
    let trace: f64 = (0..side).map(|i| gram.data()[i * side + i]).sum();
    let squares: f64 = gram.data().iter().map(|x| x * x).sum();
    // Examples that are equal differ by rounding of the mean alone.
    let size: f64 = rows.data().iter().map(|x| x * x).sum();
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
    // Of one example, a rounding over 0 would be left.
    if examples > 1.0 { (square - examples) / (examples * (examples - 1.0)) } else { f64::NAN }
}
