//! Blocks of rows and columns: slices, their adjoints, and concatenation.

use std::ops::Range;

use crate::shape;
use crate::{Real, Shape, Tensor};

impl<T: Real> Tensor<T> {
    /// The rows of `range`: `[m, n] → [range.len(), n]`.
    ///
    /// # Panics
    /// Panics if this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_rows(&self, range: Range<usize>) -> Self {
        let (m, n) = shape::expect(shape::matrix("slice_rows", self.shape()));
        shape::expect(shape::range("slice_rows", self.shape(), &range, m));
        let rows = &self.data()[range.start * n..range.end * n];
        self.make([range.len(), n].into(), |out| out.copy_from_slice(rows))
    }

    /// The columns of `range`: `[m, n] → [m, range.len()]`.
    ///
    /// # Panics
    /// Panics if this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_columns(&self, range: Range<usize>) -> Self {
        let (m, n) = shape::expect(shape::matrix("slice_columns", self.shape()));
        shape::expect(shape::range("slice_columns", self.shape(), &range, n));
        self.make([m, range.len()].into(), |out| {
            let lines = out.chunks_exact_mut(range.len().max(1)).zip(self.data().chunks_exact(n.max(1)));
            for (to, from) in lines {
                to.copy_from_slice(&from[range.clone()]);
            }
        })
    }

    /// A matrix of `rows` rows that has this one's rows from row `start` on and zeros elsewhere:
    /// `[k, n] → [rows, n]`. It is the adjoint of [`slice_rows`](Self::slice_rows).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or its rows do not fit.
    #[track_caller]
    pub fn place_rows(&self, start: usize, rows: usize) -> Self {
        let (k, n) = shape::expect(shape::matrix("place_rows", self.shape()));
        shape::expect(shape::range("place_rows", &Shape::from([rows, n]), &(start..start + k), rows));
        self.make([rows, n].into(), |out| {
            out.fill(T::ZERO);
            out[start * n..][..k * n].copy_from_slice(self.data());
        })
    }

    /// A matrix of `columns` columns that has this one's columns from column `start` on and zeros elsewhere:
    /// `[m, k] → [m, columns]`. It is the adjoint of [`slice_columns`](Self::slice_columns).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or its columns do not fit.
    #[track_caller]
    pub fn place_columns(&self, start: usize, columns: usize) -> Self {
        let (m, k) = shape::expect(shape::matrix("place_columns", self.shape()));
        shape::expect(shape::range(
            "place_columns",
            &Shape::from([m, columns]),
            &(start..start + k),
            columns,
        ));
        self.make([m, columns].into(), |out| {
            out.fill(T::ZERO);
            let lines = out.chunks_exact_mut(columns.max(1)).zip(self.data().chunks_exact(k.max(1)));
            for (to, from) in lines {
                to[start..start + k].copy_from_slice(from);
            }
        })
    }

    /// The parts stacked vertically: `[m₀, n], [m₁, n], … → [m₀ + m₁ + …, n]`.
    ///
    /// # Panics
    /// Panics if there are no parts, or a part is not a matrix of n columns.
    #[track_caller]
    pub fn concat_rows(parts: &[Self]) -> Self {
        let shapes = parts.iter().map(|part| part.shape().clone());
        let (rows, columns) = shape::expect(shape::stacked("concat_rows", shapes));
        parts[0].make([rows, columns].into(), |mut out| {
            for part in parts {
                let here = out.split_off_mut(..part.data().len()).unwrap_or_default();
                here.copy_from_slice(part.data());
            }
        })
    }

    /// The parts side by side: `[m, n₀], [m, n₁], … → [m, n₀ + n₁ + …]`.
    ///
    /// # Panics
    /// Panics if there are no parts, or a part is not a matrix of m rows.
    #[track_caller]
    pub fn concat_columns(parts: &[Self]) -> Self {
        let shapes = parts.iter().map(|part| part.shape().clone());
        let (rows, columns) = shape::expect(shape::side_by_side("concat_columns", shapes));
        parts[0].make([rows, columns].into(), |out| {
            for (row, line) in out.chunks_exact_mut(columns.max(1)).enumerate() {
                let mut start = 0;
                for part in parts {
                    let n = part.data().len() / rows;
                    line[start..start + n].copy_from_slice(&part.data()[row * n..][..n]);
                    start += n;
                }
            }
        })
    }
}
