//! Softmax along rows, and its logarithm.

use crate::{Real, Tensor, simd};
use crate::{shape, sum};

impl<T: Real> Tensor<T> {
    /// `x − ln Σ eˣ` along each row: the logarithm of its softmax, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is taken off first, so large values do not overflow.
    ///
    /// # Panics
    /// If this is not a matrix.
    #[track_caller]
    pub fn log_softmax_rows(&self) -> Self {
        self.softmax_with("log_softmax_rows", |row, _, largest, sum| {
            // Not x − (largest + ln Σ): beside a large logit, the logarithm would lose its digits.
            let log_sum = sum.ln();
            for x in row {
                *x = (*x - largest) - log_sum;
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
        self.softmax_with("softmax_rows", |row, exps, _, sum| {
            for (x, &exp) in row.iter_mut().zip(exps) {
                *x = exp / sum;
            }
        })
    }

    /// `finish(row, exps, largest, sum)` for each row: `exps` are the exponentials of its distances from its
    /// largest value, `sum` is theirs.
    #[track_caller]
    #[inline]
    fn softmax_with(&self, op: &str, finish: impl Fn(&mut [T], &[T], T, T)) -> Self {
        let (_, n) = shape::expect(shape::matrix(op, self.shape()));
        let (mut out, mut exps) = (self.clone(), self.make([n].into(), |_| {}));
        let (values, exps) = (out.data_mut(), exps.data_mut());
        simd::dispatch(
            #[inline(always)]
            || {
                for row in values.chunks_exact_mut(n.max(1)) {
                    let mut largest = row[0];
                    for &x in row.iter() {
                        largest = if x > largest { x } else { largest };
                    }
                    for (exp, &x) in exps.iter_mut().zip(row.iter()) {
                        *exp = (x - largest).exp();
                    }
                    finish(row, exps, largest, sum::sum(exps));
                }
            },
        );
        out
    }
}
