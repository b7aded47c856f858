//! Shapes, and one function per shape rule.

use std::fmt;
use std::ops::Range;

use smallvec::SmallVec;

/// The sizes of a tensor's axes, outermost first: `[rows, columns]`; `[]` is a scalar.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(SmallVec<[usize; 4]>);

impl Shape {
    /// The sizes, outermost first.
    pub fn dims(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of values: the product of the sizes, 1 for a scalar.
    pub fn numel(&self) -> usize {
        self.0.iter().product()
    }

    /// `(rows, columns)` of a matrix; `None` for any other rank.
    pub fn matrix(&self) -> Option<(usize, usize)> {
        match *self.dims() {
            [rows, columns] => Some((rows, columns)),
            _ => None,
        }
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self(SmallVec::from_slice(&dims))
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self(SmallVec::from_slice(dims))
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        shape.clone()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.dims()).finish()
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shapes that do not fit together. The message names the operation, the shapes and the rule that they break, in one
/// line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(String);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ShapeError {}

/// The factors of a product that are read transposed; shapes are those in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transposition {
    /// `a·b`: `[m, k] · [k, n]`.
    Nn,
    /// `a·bᵀ`: `[m, k] · [n, k]`.
    Nt,
    /// `aᵀ·b`: `[k, m] · [k, n]`.
    Tn,
    /// `aᵀ·bᵀ`: `[k, m] · [n, k]`.
    Tt,
}

/// `numel` values fill `shape` exactly.
pub(crate) fn filled(numel: usize, shape: &Shape) -> Result<(), ShapeError> {
    let wanted = shape.dims().iter().try_fold(1_usize, |product, &dim| product.checked_mul(dim));
    match wanted {
        Some(wanted) if wanted == numel => Ok(()),
        Some(wanted) => {
            Err(ShapeError(format!("from_vec: {numel} values, but shape {shape} holds {wanted}")))
        }
        None => Err(ShapeError(format!("from_vec: the number of values in shape {shape} overflows usize"))),
    }
}

/// Elementwise operands agree in every axis; the result has their shape.
pub(crate) fn same(op: &str, a: &Shape, b: &Shape) -> Result<Shape, ShapeError> {
    if a == b {
        return Ok(a.clone());
    }
    Err(ShapeError(format!("{op}: shapes {a} and {b} differ")))
}

/// A reshape keeps the number of values.
pub(crate) fn reshaped(from: &Shape, to: &Shape) -> Result<(), ShapeError> {
    if from.numel() == to.numel() {
        return Ok(());
    }
    Err(ShapeError(format!("reshape: {from} holds {} values, {to} holds {}", from.numel(), to.numel())))
}

/// The factors of a matrix product fit; returns its shape `[m, n]` and its inner size `k`.
pub(crate) fn product(how: Transposition, a: &Shape, b: &Shape) -> Result<(Shape, usize), ShapeError> {
    let (name, sign) = match how {
        Transposition::Nn => ("matmul", "·"),
        Transposition::Nt => ("matmul_nt", "·ᵀ"),
        Transposition::Tn => ("matmul_tn", "ᵀ·"),
        Transposition::Tt => ("matmul_tt", "ᵀ·ᵀ"),
    };
    let (Some((a0, a1)), Some((b0, b1))) = (a.matrix(), b.matrix()) else {
        return Err(ShapeError(format!("{name}: {a} {sign} {b}: both factors must be matrices")));
    };
    let (m, ka, kb, n) = match how {
        Transposition::Nn => (a0, a1, b0, b1),
        Transposition::Nt => (a0, a1, b1, b0),
        Transposition::Tn => (a1, a0, b0, b1),
        Transposition::Tt => (a1, a0, b1, b0),
    };
    if ka == kb {
        return Ok(([m, n].into(), ka));
    }
    Err(ShapeError(format!("{name}: {a} {sign} {b}: inner sizes {ka} and {kb} differ")))
}

/// A row `[n]` fits the rows of a matrix `[m, n]`; returns `(m, n)`.
pub(crate) fn row(op: &str, matrix: &Shape, row: &Shape) -> Result<(usize, usize), ShapeError> {
    match (matrix.matrix(), row.dims()) {
        (Some((m, n)), &[k]) if k == n => Ok((m, n)),
        _ => Err(ShapeError(format!("{op}: got shapes {matrix} and {row}; expected [m, n] and [n]"))),
    }
}

/// A column `[m]` fits the columns of a matrix `[m, n]`; returns `(m, n)`.
pub(crate) fn column(op: &str, matrix: &Shape, column: &Shape) -> Result<(usize, usize), ShapeError> {
    match (matrix.matrix(), column.dims()) {
        (Some((m, n)), &[k]) if k == m => Ok((m, n)),
        _ => Err(ShapeError(format!("{op}: got shapes {matrix} and {column}; expected [m, n] and [m]"))),
    }
}

/// A range lies within an axis of a matrix that has the given size.
pub(crate) fn range(op: &str, matrix: &Shape, range: &Range<usize>, size: usize) -> Result<(), ShapeError> {
    if range.start <= range.end && range.end <= size {
        return Ok(());
    }
    Err(ShapeError(format!("{op}: invalid range {range:?} for an axis of size {size} of shape {matrix}")))
}

/// Matrices stacked vertically have the same number of columns; returns the sum of their rows, and that number.
pub(crate) fn stacked(
    op: &str,
    mut parts: impl Iterator<Item = Shape>,
) -> Result<(usize, usize), ShapeError> {
    let Some(first) = parts.next() else {
        return Err(ShapeError(format!("{op}: no parts; expected at least one matrix")));
    };
    let (rows, columns) = matrix(op, &first)?;
    parts.try_fold((rows, columns), |(rows, columns), part| match part.matrix() {
        Some((more, same)) if same == columns => Ok((rows + more, columns)),
        _ => Err(ShapeError(format!(
            "{op}: got shapes {first} and {part}; expected matrices with equal numbers of columns"
        ))),
    })
}

/// Matrices side by side have the same number of rows; returns that number, and the sum of their columns.
pub(crate) fn side_by_side(
    op: &str,
    mut parts: impl Iterator<Item = Shape>,
) -> Result<(usize, usize), ShapeError> {
    let Some(first) = parts.next() else {
        return Err(ShapeError(format!("{op}: no parts; expected at least one matrix")));
    };
    let (rows, columns) = matrix(op, &first)?;
    parts.try_fold((rows, columns), |(rows, columns), part| match part.matrix() {
        Some((same, more)) if same == rows => Ok((rows, columns + more)),
        _ => Err(ShapeError(format!(
            "{op}: got shapes {first} and {part}; expected matrices with equal numbers of rows"
        ))),
    })
}

/// The operand is a matrix; returns `(rows, columns)`.
pub(crate) fn matrix(op: &str, shape: &Shape) -> Result<(usize, usize), ShapeError> {
    shape.matrix().ok_or_else(|| ShapeError(format!("{op}: shape {shape} is not a matrix")))
}

/// Every index is below the number of rows.
pub(crate) fn indices(op: &str, rows: usize, indices: &[usize]) -> Result<(), ShapeError> {
    match indices.iter().position(|&index| index >= rows) {
        None => Ok(()),
        Some(at) => Err(ShapeError(format!(
            "{op}: index {} at position {at} is out of bounds for {rows} rows",
            indices[at]
        ))),
    }
}

/// The result of a shape rule; an error panics with its text at the caller's line.
#[track_caller]
pub(crate) fn expect<T>(result: Result<T, ShapeError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
