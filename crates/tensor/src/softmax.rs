//! Softmax along rows, and its logarithm.

use crate::simd::{self, simd_fold};
use crate::{Real, Tensor, shape, sum};

impl<T: Real> Tensor<T> {
    /// `x − ln Σ eˣ` along each row: the logarithm of its softmax, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is taken off first, so large values do not overflow.
    ///
    /// # Panics
    /// If this is not a matrix.
    #[track_caller]
    pub fn log_softmax_rows(&self) -> Self {
        self.softmax_with("log_softmax_rows", |row, _, sum| {
            // Not x − (largest + ln Σ): beside a large logit, the logarithm would lose its digits.
            let log_sum = sum.ln();
            for distance in row {
                *distance = *distance - log_sum;
            }
        })
    }

    /// `eˣ / Σ eˣ` along each row: its softmax, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is taken off first, so large values do not overflow.
    ///
    /// # Panics
    /// If this is not a matrix.
    #[track_caller]
    pub fn softmax_rows(&self) -> Self {
        self.softmax_with("softmax_rows", |row, exps, sum| {
            for (x, &exp) in row.iter_mut().zip(exps) {
                *x = exp / sum;
            }
        })
    }

    /// `finish(row, exps, sum)` for each row, of distances from its largest value: `exps` are their exponentials,
    /// `sum` is the sum of these.
    ///
    /// All exponentials are taken in one pass over the matrix: row by row, what is left over of eight lanes, 3 of 27
    /// logits, costs as much as the rest.
    #[track_caller]
    #[inline]
    fn softmax_with(&self, op: &str, finish: impl Fn(&mut [T], &[T], T)) -> Self {
        let (_, n) = shape::expect(shape::matrix(op, self.shape()));
        let (mut out, n) = (self.clone(), n.max(1));
        let values = out.data_mut();
        simd::dispatch(
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
        simd::dispatch(
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

/// The largest of some values; NaN if the first is, else NaN is passed over.
#[inline(always)]
fn largest<T: Real>(values: &[T]) -> T {
    simd_fold(values, values[0], |largest, x| if x > largest { x } else { largest })
}
