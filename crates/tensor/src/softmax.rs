//! Softmax and log-softmax along rows. The sum of the exponentials is pairwise, so its relative error for n classes is at
//! most `(⌈log₂ n⌉ + 11)·ε/2` besides that of the exponential.

use crate::{Real, Tensor, shape, slices};

impl<T: Real> Tensor<T> {
    /// Log-softmax: `x − ln Σ eˣ` along each row, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is subtracted first, so that large values do not overflow.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn log_softmax_rows(&self) -> Self {
        self.rows_with_exps("log_softmax_rows", slices::log_softmax_rows)
    }

    /// Softmax: `eˣ / Σ eˣ` along each row, `[m, n] → [m, n]`.
    ///
    /// The largest value of the row is subtracted first, so that large values do not overflow.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn softmax_rows(&self) -> Self {
        self.rows_with_exps("softmax_rows", slices::softmax_rows)
    }

    /// A copy of the values after `f(columns, values, room)`, with room for as many.
    #[track_caller]
    fn rows_with_exps(&self, op: &str, f: impl Fn(usize, &mut [T], &mut [T])) -> Self {
        let (_, n) = shape::expect(shape::matrix(op, self.shape()));
        let mut out = self.clone();
        let mut exps = self.make(self.shape().clone(), |_| {});
        f(n, out.data_mut(), exps.data_mut());
        out
    }
}
