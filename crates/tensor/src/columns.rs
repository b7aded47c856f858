//! Operations along the columns of a matrix: those of `rows.rs`, along the other axis.

use crate::{Real, Tensor};
use crate::{shape, sum};

impl<T: Real> Tensor<T> {
    /// `x + column`, the column `[m]` added to every column of `[m, n]`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[m]`.
    #[track_caller]
    pub fn add_column(self, column: &Self) -> Self {
        self.with_column("add_column", column, |x, y| x + y)
    }

    /// `x·column`, elementwise: every column of `[m, n]` times the column `[m]`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[m]`.
    #[track_caller]
    pub fn mul_column(self, column: &Self) -> Self {
        self.with_column("mul_column", column, |x, y| x * y)
    }

    /// The sum of the columns, `[m, n] → [m]`; the adjoint of [`add_column`](Self::add_column). The error is at most
    /// `(⌈log₂ n⌉ + 11)·ε/2·Σ|x|`, to first order in ε.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn sum_columns(&self) -> Self {
        let (m, n) = shape::expect(shape::matrix("sum_columns", self.shape()));
        self.make([m].into(), |sums| {
            sums.fill(T::ZERO);
            let values = self.data();
            T::dispatch(
                #[inline(always)]
                move || {
                    for (total, line) in sums.iter_mut().zip(values.chunks_exact(n.max(1))) {
                        *total = sum::sum(line);
                    }
                },
            );
        })
    }

    /// `f(x, y)` for every column x of `[m, n]` and the column y `[m]`.
    #[track_caller]
    #[inline]
    fn with_column(mut self, op: &str, column: &Self, f: impl Fn(T, T) -> T) -> Self {
        let (_, n) = shape::expect(shape::column(op, self.shape(), column.shape()));
        let (values, column) = (self.data_mut(), column.data());
        T::dispatch(
            #[inline(always)]
            move || {
                for (line, &y) in values.chunks_exact_mut(n.max(1)).zip(column) {
                    for x in line {
                        *x = f(*x, y);
                    }
                }
            },
        );
        self
    }
}
