//! Ops that rearrange values: reshape, transpose, slices, concatenation.

use std::ops::Range;

use tensor::{Real, Shape, Tensor};

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// The same values in row-major order with another shape. Pullback: `ȳ` with the shape of x.
    ///
    /// # Panics
    /// Panics if the shapes have different numbers of values.
    #[track_caller]
    pub fn reshape(self, shape: impl Into<Shape>) -> Self {
        let (value, before) = (self.value().reshape(shape), self.shape());
        self.tape().record("reshape", [self], value, move |g| [g.reshape(&before)])
    }

    /// `xᵀ`: `[m, n] → [n, m]`. Pullback: `x̄ = ȳᵀ`.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn transpose(self) -> Self {
        self.tape().record("transpose", [self], self.value().transpose(), |g| [g.transpose()])
    }

    /// The rows of `range`: `[m, n] → [range.len(), n]`. Pullback: these rows get `ȳ`, the others 0.
    ///
    /// # Panics
    /// Panics if this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_rows(self, range: Range<usize>) -> Self {
        let (x, start) = (self.value(), range.start);
        let (value, rows) = (x.slice_rows(range), x.shape().dims()[0]);
        self.tape().record("slice_rows", [self], value, move |g| [g.place_rows(start, rows)])
    }

    /// The columns of `range`: `[m, n] → [m, range.len()]`. Pullback: these columns get `ȳ`, the others 0.
    ///
    /// # Panics
    /// Panics if this is not a matrix or the range is not inside it.
    #[track_caller]
    pub fn slice_columns(self, range: Range<usize>) -> Self {
        let (x, start) = (self.value(), range.start);
        let (value, columns) = (x.slice_columns(range), x.shape().dims()[1]);
        self.tape().record("slice_columns", [self], value, move |g| [g.place_columns(start, columns)])
    }

    /// The parts stacked vertically: `[m₀, n], [m₁, n], … → [m₀ + m₁ + …, n]`. Pullback: each part gets its rows of
    /// `ȳ`.
    ///
    /// # Panics
    /// Panics if there are no parts, or a part is not a matrix of n columns.
    #[track_caller]
    pub fn concat_rows(parts: &[Self]) -> Self {
        let values: Vec<_> = parts.iter().map(|part| part.value()).collect();
        let value = Tensor::concat_rows(&values);
        let ranges = ranges(values.iter().map(|part| part.shape().dims()[0]));
        parts[0]
            .tape()
            .record_each("concat_rows", parts, value, move |g, part| g.slice_rows(ranges[part].clone()))
    }

    /// The parts side by side: `[m, n₀], [m, n₁], … → [m, n₀ + n₁ + …]`. Pullback: each part gets its columns of `ȳ`.
    ///
    /// # Panics
    /// Panics if there are no parts, or a part is not a matrix of m rows.
    #[track_caller]
    pub fn concat_columns(parts: &[Self]) -> Self {
        let values: Vec<_> = parts.iter().map(|part| part.value()).collect();
        let value = Tensor::concat_columns(&values);
        let ranges = ranges(values.iter().map(|part| part.shape().dims()[1]));
        parts[0]
            .tape()
            .record_each("concat_columns", parts, value, move |g, part| g.slice_columns(ranges[part].clone()))
    }
}

/// Consecutive ranges of the given lengths.
fn ranges(lengths: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let from_start = |start: &mut usize, length| {
        let range = *start..*start + length;
        *start = range.end;
        Some(range)
    };
    lengths.scan(0, from_start).collect()
}
