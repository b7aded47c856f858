//! Indices drawn by weight, with and without replacement.

use crate::{Float, Generator, uniform};
use std::cmp::Ordering;
use std::fmt;

/// Whether an index may be drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// It may.
    With,
    /// Every index is drawn at most once.
    Without,
}

/// Weights that nothing can be drawn by.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WeightsError {
    /// There are none.
    Empty,
    /// One is negative, infinite or NaN.
    Weight {
        /// Where it stands.
        index: usize,
        /// What it is.
        value: f64,
    },
    /// All are zero.
    Zero,
    /// Their sum is more than the largest number of their type.
    Sum,
    /// Fewer of them are more than zero than different indices are asked for.
    Few {
        /// How many are more than zero.
        positive: usize,
        /// How many indices are asked for.
        samples: usize,
    },
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no weights to draw by"),
            Self::Weight { index, value } => {
                write!(f, "weight {index} is {value}: it must be finite and not negative")
            }
            Self::Zero => f.write_str("every weight is zero: one must be more"),
            Self::Sum => f.write_str("the weights add up to infinity: divide them by the largest"),
            Self::Few { positive, samples } => {
                write!(
                    f,
                    "only {positive} weights are more than zero: too few for {samples} without replacement"
                )
            }
        }
    }
}

impl std::error::Error for WeightsError {}

impl Generator {
    /// Indices i, each with a probability proportional to `weights[i]`: `torch.multinomial(weights, out.len())`.
    ///
    /// A matrix of weights is a loop: PyTorch draws row after row from one stream.
    ///
    /// - With replacement and more than one sample, an index is the first whose cumulative weight is not less than a
    ///   uniform number. The weights are added up, and divided by their sum, in their own precision.
    /// - Otherwise qᵢ ~ Exp(1) is drawn for every weight, and the indices are those of the largest wᵢ/qᵢ, in falling
    ///   order. Equal quotients go by their index. PyTorch leaves their order open, except that of one sample, which
    ///   is the first.
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
    /// If the weights are empty, all zero, or one is negative, infinite or NaN; if too few are more than zero for
    /// different indices, where PyTorch would return some of weight zero; if their sum overflows and is needed. Then
    /// nothing is drawn.
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

    /// The race of exponential clocks: the i-th rings at qᵢ/wᵢ, and the first to ring win.
    fn race<T: Float>(&mut self, weights: &[T], out: &mut [usize]) {
        let mut clocks = vec![T::nearest(0.0); weights.len()];
        self.exponential(1.0, &mut clocks);
        let speed = |(w, q): (&T, &T)| match (*w).into() {
            // Behind every quotient, even one that has become zero.
            0.0 => -1.0,
            w => T::nearest(w / (*q).into()).into(),
        };
        let speeds: Vec<f64> = weights.iter().zip(&clocks).map(speed).collect();
        let fastest = |a: &usize, b: &usize| speeds[*b].total_cmp(&speeds[*a]).then(a.cmp(b));
        out.copy_from_slice(&first(weights.len(), out.len(), fastest));
    }
}

/// How many weights are more than zero.
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

/// Cᵢ = (w₀ + … + wᵢ)/Σw, the last of them 1.
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

/// The first k of 0, …, n − 1 in an order, k > 0.
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

    /// What is said of weights, after which the generator is untouched.
    fn refusal<T: Float>(weights: &[T], replacement: Replacement, samples: usize) -> String {
        let mut generator = Generator::manual_seed(1);
        let error =
            generator.multinomial(weights, replacement, &mut vec![0; samples]).expect_err("no weights");
        assert_eq!(generator, Generator::manual_seed(1));
        error.to_string()
    }

    #[test]
    fn weights_that_mean_nothing_are_refused() {
        for replacement in [With, Without] {
            assert_eq!(refusal::<f32>(&[], replacement, 2), "there are no weights to draw by");
            assert_eq!(refusal(&[0_f32, -0.0], replacement, 2), "every weight is zero: one must be more");
            for wrong in [-1.0, f64::NAN, f64::INFINITY] {
                let said = format!("weight 1 is {wrong}: it must be finite and not negative");
                assert_eq!(refusal(&[1.0, wrong], replacement, 1), said);
            }
        }
        let few = "only 2 weights are more than zero: too few for 3 without replacement";
        assert_eq!(refusal(&[1.0, 0.0, 2.0], Without, 3), few);
        let sum = "the weights add up to infinity: divide them by the largest";
        assert_eq!(refusal(&[3e38_f32; 2], With, 2), sum);
        let mut out = [9; 2];
        Generator::manual_seed(1)
            .multinomial(&[3e38_f32; 2], Without, &mut out)
            .expect("their sum is not needed");
        Generator::manual_seed(1)
            .multinomial(&[3e38; 2], With, &mut out)
            .expect("and finite in double precision");
    }

    #[test]
    fn equal_quotients_go_by_their_index() {
        let speeds = [1, 5, 5, 7, 5];
        assert_eq!(first(5, 3, |a, b| speeds[*b].cmp(&speeds[*a]).then(a.cmp(b))), [3, 1, 2]);
    }

    /// Whether shares are those of the weights 1, 2, 3, 0, 4, to five standard errors of a binomial share.
    fn is_proportional(counts: [usize; 5], n: usize) -> bool {
        counts
            .iter()
            .zip([0.1, 0.2, 0.3, 0.0, 0.4])
            .all(|(&count, p)| (count as f64 / n as f64 - p).abs() <= 5.0 * (p * (1.0 - p) / n as f64).sqrt())
    }

    #[test]
    fn shares_are_the_weights() {
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
        assert!(!is_proportional([20_000; 5], 100_000), "equal shares");
    }

    proptest! {
        #[test]
        fn no_index_comes_twice_and_none_of_weight_zero(
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
