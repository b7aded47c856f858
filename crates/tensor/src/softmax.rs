//! Softmax and log-softmax along rows. The sum of the exponentials is pairwise, so its relative error for n classes is at
//! most `(⌈log₂ n⌉ + 11)·ε/2` besides that of the exponential.

use crate::simd::simd_fold;
use crate::{Real, Tensor, shape, sum};

impl<T: Real> Tensor<T> {
    /// Log-softmax: `x − ln Σ eˣ` along each row, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is subtracted first, so that large values do not overflow.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn log_softmax_rows(&self) -> Self {
        self.softmax_with("log_softmax_rows", |row, _, sum| {
            // Not x − (largest + ln Σ): added to a large logit, the logarithm would lose its digits.
            let log_sum = sum.ln();
            for distance in row {
                *distance = *distance - log_sum;
            }
        })
    }

    /// Softmax: `eˣ / Σ eˣ` along each row, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is subtracted first, so that large values do not overflow.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn softmax_rows(&self) -> Self {
        self.softmax_with("softmax_rows", |row, exps, sum| {
            for (x, &exp) in row.iter_mut().zip(exps) {
                *x = exp / sum;
            }
        })
    }

    /// Calls `finish(row, exps, sum)` for each row: `row` has the differences from the largest value of the row,
    /// `exps` their exponentials, and `sum` is the sum of `exps`.
    ///
    /// All exponentials are computed in one pass over the matrix. Row by row, the values left over after whole
    /// vectors of 8, such as 3 of 27 logits, would cost as much as the others.
    #[track_caller]
    #[inline]
    fn softmax_with(&self, op: &str, finish: impl Fn(&mut [T], &[T], T)) -> Self {
        let (_, n) = shape::expect(shape::matrix(op, self.shape()));
        let (mut out, n) = (self.clone(), n.max(1));
        let values = out.data_mut();
        T::dispatch(
            #[inline(always)]
            || {
                for row in values.chunks_exact_mut(n) {
                    let largest = largest(row);
                    for x in row {
                        *x = *x - largest;
                    }
                }
            },
        );
        let exps = out.map(T::exp);
        let (values, exps) = (out.data_mut(), exps.data());
        T::dispatch(
            #[inline(always)]
            || {
                for (row, exps) in values.chunks_exact_mut(n).zip(exps.chunks_exact(n)) {
                    finish(row, exps, sum::sum(exps));
                }
            },
        );
        out
    }
}

/// The largest value. NaN if the first value is NaN; a NaN in any other position is skipped.
#[inline(always)]
fn largest<T: Real>(values: &[T]) -> T {
    simd_fold(values, values[0], |largest, x| if x > largest { x } else { largest })
}
