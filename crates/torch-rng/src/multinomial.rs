//! Indices drawn by weight, with and without replacement.

use crate::{Float, Generator, uniform};
use std::cmp::Ordering;
use std::fmt;

/// The choice between drawing with and without replacement. There is no third, so matches may be exhaustive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// An index may be drawn again.
    With,
    /// Every index is drawn at most once.
    Without,
}

/// The reason why no index can be drawn by some weights.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WeightsError {
    /// There are no weights.
    Empty,
    /// A weight is negative, infinite or NaN.
    Weight {
        /// Its index.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// All weights are zero.
    Zero,
    /// The sum of the weights is larger than the largest number of their type.
    Sum,
    /// There are fewer positive weights than distinct indices to draw.
    Few {
        /// The number of positive weights.
        positive: usize,
        /// The number of indices to draw.
        samples: usize,
    },
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no weights"),
            Self::Weight { index, value } => {
                write!(f, "weight {index} is {value}; it must be finite and not negative")
            }
            Self::Zero => f.write_str("all weights are zero; at least one must be positive"),
            Self::Sum => f.write_str("the sum of the weights overflows; divide them by the largest"),
            Self::Few { positive, samples } => {
                write!(
                    f,
                    "only {positive} weights are positive, too few for {samples} samples without replacement"
                )
            }
        }
    }
}

impl std::error::Error for WeightsError {}

impl Generator {
    /// Indices i, each with a probability proportional to `weights[i]`: `torch.multinomial(weights, out.len())`.
    ///
    /// For a matrix of weights, call this row by row: PyTorch draws the rows one after the other from one stream.
    ///
    /// - With replacement and more than one sample, an index is the first whose cumulative weight is not less than a
    ///   uniform number. The weights are summed, and divided by their sum, in their own precision.
    /// - Otherwise qᵢ ~ Exp(1) is drawn for every weight, and the indices are those of the largest wᵢ/qᵢ, in decreasing
    ///   order. Equal quotients are ordered by index. PyTorch does not specify their order, except that a single sample
    ///   is the first of them.
    ///
    /// ```
    /// use torch_rng::{Generator, Replacement};
    ///
    /// // torch.multinomial(torch.tensor([1., 0., 3.]), 5, replacement=True)
    /// let mut indices = [0; 5];
    /// Generator::manual_seed(2).multinomial(&[1_f32, 0.0, 3.0], Replacement::With, &mut indices)?;
    /// assert_eq!(indices, [2, 0, 2, 2, 2]);
    /// # Ok::<(), torch_rng::WeightsError>(())
    /// ```
    ///
    /// # Errors
    /// If there are no weights, all are zero, or one is negative, infinite or NaN; if there are fewer positive weights
    /// than distinct indices to draw, where PyTorch would return some of weight zero; or if the sum is needed and
    /// overflows. Nothing is drawn then.
    pub fn multinomial<T: Float>(
        &mut self,
        weights: &[T],
        replacement: Replacement,
        out: &mut [usize],
    ) -> Result<(), WeightsError> {
        let positive = positive(weights)?;
        if replacement == Replacement::With && out.len() != 1 {
            let cumulative = cumulative(weights)?;
            uniform::fill_by(self, out, |u| cumulative.partition_point(|&c| c < u));
        } else if positive < out.len() {
            return Err(WeightsError::Few { positive, samples: out.len() });
        } else if !out.is_empty() {
            self.race(weights, out);
        }
        Ok(())
    }

    /// The exponential race: clock i rings at qᵢ/wᵢ, and the indices of the first clocks to ring are drawn.
    fn race<T: Float>(&mut self, weights: &[T], out: &mut [usize]) {
        let mut clocks = vec![T::nearest(0.0); weights.len()];
        self.exponential(1.0, &mut clocks);
        let speed = |(w, q): (&T, &T)| match (*w).into() {
            // Smaller than every quotient, even one that has rounded to zero.
            0.0 => -1.0,
            w => T::nearest(w / (*q).into()).into(),
        };
        let speeds: Vec<f64> = weights.iter().zip(&clocks).map(speed).collect();
        let fastest = |a: &usize, b: &usize| speeds[*b].total_cmp(&speeds[*a]).then(a.cmp(b));
        out.copy_from_slice(&first(weights.len(), out.len(), fastest));
    }
}

/// The number of positive weights.
fn positive<T: Float>(weights: &[T]) -> Result<usize, WeightsError> {
    let mut positive = 0;
    for (index, weight) in weights.iter().enumerate() {
        let value: f64 = (*weight).into();
        if !(0.0..f64::INFINITY).contains(&value) {
            return Err(WeightsError::Weight { index, value });
        }
        positive += usize::from(value > 0.0);
    }
    match positive {
        0 if weights.is_empty() => Err(WeightsError::Empty),
        0 => Err(WeightsError::Zero),
        _ => Ok(positive),
    }
}

/// Cᵢ = (w₀ + … + wᵢ)/Σw; the last is exactly 1.
fn cumulative<T: Float>(weights: &[T]) -> Result<Vec<f64>, WeightsError> {
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(weights.len());
    for weight in weights {
        sum = T::nearest(sum + (*weight).into()).into();
        sums.push(sum);
    }
    if sum.is_infinite() {
        return Err(WeightsError::Sum);
    }
    sums.iter_mut().for_each(|c| *c = T::nearest(*c / sum).into());
    if let Some(last) = sums.last_mut() {
        *last = 1.0;
    }
    Ok(sums)
}

/// The first k of 0, …, n − 1 in the given order, k > 0.
fn first(n: usize, k: usize, order: impl Fn(&usize, &usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..n).collect();
    indices.select_nth_unstable_by(k - 1, &order);
    indices.truncate(k);
    indices.sort_unstable_by(&order);
    indices
}

#[cfg(test)]
mod tests {
    use super::*;
    use Replacement::{With, Without};
    use proptest::prelude::*;

    #[test]
    fn value_stability() {
        let weights = [1_f32, 0.0, 3.0, 2.0];
        let mut out = [0; 3];
        Generator::manual_seed(2).multinomial(&weights, With, &mut out).expect("weights");
        assert_eq!(out, [3, 0, 3]);
        Generator::manual_seed(2).multinomial(&weights, Without, &mut out).expect("weights");
        assert_eq!(out, [3, 2, 0]);
    }

    #[test]
    fn one_sample_is_the_same_either_way() {
        let mut with = Generator::manual_seed(42);
        let mut without = with.clone();
        let (mut a, mut b) = ([0], [0]);
        with.multinomial(&[1.0, 2.0, 3.0], With, &mut a).expect("weights");
        without.multinomial(&[1.0, 2.0, 3.0], Without, &mut b).expect("weights");
        assert_eq!((a, with), (b, without));
    }

    /// The error for some weights, which leaves the generator unchanged.
    fn refusal<T: Float>(weights: &[T], replacement: Replacement, samples: usize) -> String {
        let mut generator = Generator::manual_seed(1);
        let error =
            generator.multinomial(weights, replacement, &mut vec![0; samples]).expect_err("invalid weights");
        assert_eq!(generator, Generator::manual_seed(1));
        error.to_string()
    }

    #[test]
    fn invalid_weights_are_refused() {
        for replacement in [With, Without] {
            assert_eq!(refusal::<f32>(&[], replacement, 2), "there are no weights");
            assert_eq!(
                refusal(&[0_f32, -0.0], replacement, 2),
                "all weights are zero; at least one must be positive"
            );
            for wrong in [-1.0, f64::NAN, f64::INFINITY] {
                let message = format!("weight 1 is {wrong}; it must be finite and not negative");
                assert_eq!(refusal(&[1.0, wrong], replacement, 1), message);
            }
        }
        let few = "only 2 weights are positive, too few for 3 samples without replacement";
        assert_eq!(refusal(&[1.0, 0.0, 2.0], Without, 3), few);
        let sum = "the sum of the weights overflows; divide them by the largest";
        assert_eq!(refusal(&[3e38_f32; 2], With, 2), sum);
        let mut out = [9; 2];
        Generator::manual_seed(1)
            .multinomial(&[3e38_f32; 2], Without, &mut out)
            .expect("the sum is not needed");
        Generator::manual_seed(1)
            .multinomial(&[3e38; 2], With, &mut out)
            .expect("the sum is finite in double precision");
    }

    #[test]
    fn equal_quotients_are_ordered_by_index() {
        let speeds = [1, 5, 5, 7, 5];
        assert_eq!(first(5, 3, |a, b| speeds[*b].cmp(&speeds[*a]).then(a.cmp(b))), [3, 1, 2]);
    }

    /// True if the counts are in the ratio 1 : 2 : 3 : 0 : 4, within five standard errors of a binomial fraction.
    fn is_proportional(counts: [usize; 5], n: usize) -> bool {
        counts
            .iter()
            .zip([0.1, 0.2, 0.3, 0.0, 0.4])
            .all(|(&count, p)| (count as f64 / n as f64 - p).abs() <= 5.0 * (p * (1.0 - p) / n as f64).sqrt())
    }

    #[test]
    fn indices_are_drawn_in_proportion_to_their_weights() {
        let mut generator = Generator::manual_seed(42);
        let (mut many, mut one) = (vec![0; 100_000], [0]);
        generator.multinomial(&[1_f32, 2.0, 3.0, 0.0, 4.0], With, &mut many).expect("weights");
        let mut counts = [0; 5];
        many.iter().for_each(|&i| counts[i] += 1);
        assert!(is_proportional(counts, many.len()), "{counts:?}");

        let mut counts = [0; 5];
        for _ in 0..100_000 {
            generator.multinomial(&[1.0, 2.0, 3.0, 0.0, 4.0], Without, &mut one).expect("weights");
            counts[one[0]] += 1;
        }
        assert!(is_proportional(counts, many.len()), "{counts:?}");
        assert!(!is_proportional([20_000; 5], 100_000), "equal counts");
    }

    proptest! {
        #[test]
        fn without_replacement_indices_are_distinct_and_have_positive_weights(
            seed: u64,
            weights in proptest::collection::vec(prop_oneof![Just(0_f32), 1e-38..1e38_f32], 1..200),
        ) {
            let possible = weights.iter().filter(|w| **w > 0.0).count();
            prop_assume!(possible > 0);
            let mut out = vec![0; possible];
            Generator::manual_seed(seed).multinomial(&weights, Without, &mut out).expect("weights");
            prop_assert!(out.iter().all(|&i| weights[i] > 0.0));
            out.sort_unstable();
            out.dedup();
            prop_assert_eq!(out.len(), possible);
        }
    }
}
