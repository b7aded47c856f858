//! Blocks of rows and of columns: cut out, put back among zeros, and joined.

use std::ops::Range;

use crate::shape;
use crate::{Real, Shape, Tensor};

impl<T: Real> Tensor<T> {
    /// The rows of `range`: `[m, n] → [range.len(), n]`.
    ///
    /// # Panics
    /// If this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_rows(&self, range: Range<usize>) -> Self {
        let (m, n) = shape::expect(shape::matrix("slice_rows", self.shape()));
        shape::expect(shape::range("slice_rows", self.shape(), &range, m));
        Self::new(self.data()[range.start * n..range.end * n].to_vec(), [range.len(), n].into())
    }

    /// The columns of `range`: `[m, n] → [m, range.len()]`.
    ///
    /// # Panics
    /// If this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_columns(&self, range: Range<usize>) -> Self {
        let (m, n) = shape::expect(shape::matrix("slice_columns", self.shape()));
        shape::expect(shape::range("slice_columns", self.shape(), &range, n));
        let mut out = Vec::with_capacity(m * range.len());
        for line in self.data().chunks_exact(n.max(1)) {
            out.extend_from_slice(&line[range.clone()]);
        }
        Self::new(out, [m, range.len()].into())
    }

    /// These rows from row `start` on among `rows` rows, zeros elsewhere: `[k, n] → [rows, n]`, the adjoint
    /// of [`slice_rows`](Self::slice_rows).
    ///
    /// # Panics
    /// If this is not a matrix or does not fit.
    #[track_caller]
    pub fn place_rows(&self, start: usize, rows: usize) -> Self {
        let (k, n) = shape::expect(shape::matrix("place_rows", self.shape()));
        shape::expect(shape::range("place_rows", &Shape::from([rows, n]), &(start..start + k), rows));
        let mut out = vec![T::ZERO; rows * n];
        out[start * n..][..k * n].copy_from_slice(self.data());
        Self::new(out, [rows, n].into())
    }

    /// These columns from column `start` on among `columns` columns, zeros elsewhere:
    /// `[m, k] → [m, columns]`, the adjoint of [`slice_columns`](Self::slice_columns).
    ///
    /// # Panics
    /// If this is not a matrix or does not fit.
    #[track_caller]
    pub fn place_columns(&self, start: usize, columns: usize) -> Self {
        let (m, k) = shape::expect(shape::matrix("place_columns", self.shape()));
        shape::expect(shape::range(
            "place_columns",
            &Shape::from([m, columns]),
            &(start..start + k),
            columns,
        ));
        let mut out = vec![T::ZERO; m * columns];
        let lines = out.chunks_exact_mut(columns.max(1)).zip(self.data().chunks_exact(k.max(1)));
        for (to, from) in lines {
            to[start..start + k].copy_from_slice(from);
        }
        Self::new(out, [m, columns].into())
    }

    /// The parts stacked on one another: `[m₀, n], [m₁, n], … → [m₀ + m₁ + …, n]`.
    ///
    /// # Panics
    /// If there are none, or one is not a matrix of n columns.
    #[track_caller]
    pub fn concat_rows(parts: &[Self]) -> Self {
        let shapes = parts.iter().map(|part| part.shape().clone());
        let (rows, columns) = shape::expect(shape::stacked("concat_rows", shapes));
        let mut out = Vec::with_capacity(rows * columns);
        for part in parts {
            out.extend_from_slice(part.data());
        }
        Self::new(out, [rows, columns].into())
    }

    /// The parts side by side: `[m, n₀], [m, n₁], … → [m, n₀ + n₁ + …]`.
    ///
    /// # Panics
    /// If there are none, or one is not a matrix of m rows.
    #[track_caller]
    pub fn concat_columns(parts: &[Self]) -> Self {
        let shapes = parts.iter().map(|part| part.shape().clone());
        let (rows, columns) = shape::expect(shape::side_by_side("concat_columns", shapes));
        let mut out = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for part in parts {
                let n = part.data().len() / rows;
                out.extend_from_slice(&part.data()[row * n..][..n]);
            }
        }
        Self::new(out, [rows, columns].into())
    }
}
