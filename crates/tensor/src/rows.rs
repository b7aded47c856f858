//! Operations along the rows of a matrix: biases, lookups and their adjoints.

use crate::{Real, Tensor};
use crate::{shape, slices, sum};

/// The number of rows that a transposition reads at once, so few that their cache lines stay until the next column: a
/// million values in 1024 rows take 2 ms instead of 5.5.
const BAND: usize = 64;

impl<T: Real> Tensor<T> {
    /// `x + row`, the row `[n]` added to every row of `[m, n]`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[n]`.
    #[track_caller]
    pub fn add_row(self, row: &Self) -> Self {
        self.with_row("add_row", row, |x, y| x + y)
    }

    /// `x·row`, elementwise: every row of `[m, n]` times the row `[n]`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[n]`.
    #[track_caller]
    pub fn mul_row(self, row: &Self) -> Self {
        self.with_row("mul_row", row, |x, y| x * y)
    }

    /// `f(x, y)` for every row x of `[m, n]` and the row y `[n]`.
    #[track_caller]
    #[inline]
    fn with_row(mut self, op: &str, row: &Self, f: impl Fn(T, T) -> T) -> Self {
        let (_, n) = shape::expect(shape::row(op, self.shape(), row.shape()));
        if n > 0 {
            let (values, row) = (self.data_mut(), row.data());
            T::dispatch(
                #[inline(always)]
                move || {
                    for line in values.chunks_exact_mut(n) {
                        for (x, &y) in line.iter_mut().zip(row) {
                            *x = f(*x, y);
                        }
                    }
                },
            );
        }
        self
    }

    /// `f(x, y, [row₀, row₁, …])` for the values x and y of two matrices `[m, n]` and the entries, in the same
    /// column, of rows `[n]`. A panic message names the operation `op`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]`, `[m, n]` and `[n]` for each row.
    #[track_caller]
    #[inline]
    pub fn zip_rows<const R: usize>(
        &self,
        op: &str,
        other: &Self,
        rows: [&Self; R],
        f: impl Fn(T, T, [T; R]) -> T,
    ) -> Self {
        let (rows, n) = self.checked_rows(op, other, rows);
        self.make_with(other, self.shape().clone(), |out| {
            let (xs, ys) = (self.data(), other.data());
            T::dispatch(
                #[inline(always)]
                move || {
                    let lines = xs.chunks_exact(n).zip(ys.chunks_exact(n)).zip(out.chunks_exact_mut(n));
                    for ((xs, ys), out) in lines {
                        for j in 0..n {
                            out[j] = f(xs[j], ys[j], entries(&rows, j));
                        }
                    }
                },
            );
        })
    }

    /// The sum over the m rows of `f(x, y, [row₀, row₁, …])`, with the arguments of [`zip_rows`](Self::zip_rows):
    /// `→ [n]`. The error is at most `(⌈log₂ m⌉ + 6)·ε/2·Σ|f|` besides those of f.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]`, `[m, n]` and `[n]` for each row.
    #[track_caller]
    #[inline]
    pub fn sum_zip_rows<const R: usize>(
        &self,
        op: &str,
        other: &Self,
        rows: [&Self; R],
        f: impl Fn(T, T, [T; R]) -> T,
    ) -> Self {
        let (rows, _) = self.checked_rows(op, other, rows);
        self.make_with(other, self.shape().dims()[1..].into(), |sums| {
            let (xs, ys) = (self.data(), other.data());
            T::dispatch(
                #[inline(always)]
                move || sum::sum_lines(xs, ys, sums, &mut Vec::new(), |x, y, j| f(x, y, entries(&rows, j))),
            );
        })
    }

    /// Checks the shapes; returns the data of the rows and the number of columns, at least 1.
    #[track_caller]
    fn checked_rows<'a, const R: usize>(
        &self,
        op: &str,
        other: &Self,
        rows: [&'a Self; R],
    ) -> ([&'a [T]; R], usize) {
        shape::expect(shape::same(op, self.shape(), other.shape()));
        shape::expect(shape::matrix(op, self.shape()));
        let data = rows.map(|row| {
            shape::expect(shape::row(op, self.shape(), row.shape()));
            row.data()
        });
        (data, self.shape().dims()[1].max(1))
    }

    /// The sum of the rows, `[m, n] → [n]`; the adjoint of [`add_row`](Self::add_row). The error is at most
    /// `(⌈log₂ m⌉ + 6)·ε/2·Σ|x|`, to first order in ε.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn sum_rows(&self) -> Self {
        let (_, n) = shape::expect(shape::matrix("sum_rows", self.shape()));
        self.make([n].into(), |sums| slices::sum_rows(self.data(), sums))
    }

    /// The transposed matrix: `[m, n] → [n, m]`.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn transpose(&self) -> Self {
        let (m, n) = shape::expect(shape::matrix("transpose", self.shape()));
        let values = self.data();
        self.make([n, m].into(), |out| {
            for top in (0..m).step_by(BAND) {
                let rows = top..(top + BAND).min(m);
                for (column, line) in out.chunks_exact_mut(m).enumerate() {
                    let from = values[top * n + column..].iter().step_by(n);
                    for (x, &from) in line[rows.clone()].iter_mut().zip(from) {
                        *x = from;
                    }
                }
            }
        })
    }

    /// The rows with the given indices, in that order: `[rows, n] → [indices.len(), n]`.
    ///
    /// # Panics
    /// Panics if this is not a matrix, or an index is not below its number of rows.
    #[track_caller]
    pub fn gather_rows(&self, indices: &[usize]) -> Self {
        let (rows, n) = shape::expect(shape::matrix("gather_rows", self.shape()));
        shape::expect(shape::indices("gather_rows", rows, indices));
        self.make([indices.len(), n].into(), |out| slices::gather_rows(n, self.data(), indices, out))
    }

    /// A matrix of `rows` rows, zero at first, to whose row `indices[i]` row `i` of this one is added:
    /// `[indices.len(), n] → [rows, n]`. It is the adjoint of [`gather_rows`](Self::gather_rows). Where m rows are added
    /// to one, the sum has the bits of [`sum_rows`](Self::sum_rows) of these m, and its error bound.
    ///
    /// Where no index occurs more than three times, this costs what running sums cost: rows that get nothing are not touched. Rows
    /// whose index occurs more often are sorted by index first, which takes as long as adding ten values to each.
    ///
    /// # Panics
    /// Panics if this is not a matrix with one row per index, or an index is not below `rows`.
    #[track_caller]
    pub fn scatter_rows(&self, indices: &[usize], rows: usize) -> Self {
        let (lines, n) = shape::expect(shape::matrix("scatter_rows", self.shape()));
        let count = indices.len();
        assert!(
            lines == count,
            "scatter_rows: got {lines} rows and {count} indices; expected one row per index"
        );
        shape::expect(shape::indices("scatter_rows", rows, indices));
        self.make([rows, n].into(), |out| slices::scatter_rows(n, self.data(), indices, out))
    }
}

/// The entry `j` of each row.
#[inline(always)]
fn entries<T: Real, const R: usize>(rows: &[&[T]; R], j: usize) -> [T; R] {
    let mut entries = [T::ZERO; R];
    for r in 0..R {
        entries[r] = rows[r][j];
    }
    entries
}
