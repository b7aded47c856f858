//! Shapes, and one function a shape rule.

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

/// Shapes that do not fit: the operation, the shapes, and the rule that they break, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(String);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ShapeError {}

/// Which factor of a product is read transposed; shapes as stored.
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

/// `numel` values fill `shape`.
pub(crate) fn filled(numel: usize, shape: &Shape) -> Result<(), ShapeError> {
    let wanted = shape.dims().iter().try_fold(1_usize, |product, &dim| product.checked_mul(dim));
    match wanted {
        Some(wanted) if wanted == numel => Ok(()),
        Some(wanted) => {
            Err(ShapeError(format!("from_vec: {numel} values, but shape {shape} holds {wanted}")))
        }
        None => Err(ShapeError(format!("from_vec: shape {shape} holds more values than memory"))),
    }
}

/// Elementwise operands agree in every axis; the result has their shape.
pub(crate) fn same(op: &str, a: &Shape, b: &Shape) -> Result<Shape, ShapeError> {
    if a == b {
        return Ok(a.clone());
    }
    Err(ShapeError(format!("{op}: shapes {a} and {b} differ")))
}

/// Reshaping keeps the number of values.
pub(crate) fn reshaped(from: &Shape, to: &Shape) -> Result<(), ShapeError> {
    if from.numel() == to.numel() {
        return Ok(());
    }
    Err(ShapeError(format!("reshape: {from} holds {} values, {to} holds {}", from.numel(), to.numel())))
}

/// A matrix product's result `[m, n]` and its inner size `k`.
pub(crate) fn product(how: Transposition, a: &Shape, b: &Shape) -> Result<(Shape, usize), ShapeError> {
    let (name, sign) = match how {
        Transposition::Nn => ("matmul", "·"),
        Transposition::Nt => ("matmul_nt", "·ᵀ"),
        Transposition::Tn => ("matmul_tn", "ᵀ·"),
        Transposition::Tt => ("matmul_tt", "ᵀ·ᵀ"),
    };
    let (Some((a0, a1)), Some((b0, b1))) = (a.matrix(), b.matrix()) else {
        return Err(ShapeError(format!("{name}: {a} {sign} {b}: both must be matrices")));
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

/// A row `[n]` meets every row of a matrix `[m, n]`; `(m, n)`.
pub(crate) fn row(op: &str, matrix: &Shape, row: &Shape) -> Result<(usize, usize), ShapeError> {
    match (matrix.matrix(), row.dims()) {
        (Some((m, n)), &[k]) if k == n => Ok((m, n)),
        _ => Err(ShapeError(format!("{op}: shapes {matrix} and {row}: want [m, n] and [n]"))),
    }
}

/// A column `[m]` meets every column of a matrix `[m, n]`; `(m, n)`.
pub(crate) fn column(op: &str, matrix: &Shape, column: &Shape) -> Result<(usize, usize), ShapeError> {
    match (matrix.matrix(), column.dims()) {
        (Some((m, n)), &[k]) if k == m => Ok((m, n)),
        _ => Err(ShapeError(format!("{op}: shapes {matrix} and {column}: want [m, n] and [m]"))),
    }
}

/// A range of the rows or columns of a matrix, `size` of them, lies inside it.
pub(crate) fn range(op: &str, matrix: &Shape, range: &Range<usize>, size: usize) -> Result<(), ShapeError> {
    if range.start <= range.end && range.end <= size {
        return Ok(());
    }
    Err(ShapeError(format!("{op}: {range:?} is not a range inside the {size} of {matrix}")))
}

/// Matrices stacked on one another have one number of columns; all of their rows, and that number.
pub(crate) fn stacked(
    op: &str,
    mut parts: impl Iterator<Item = Shape>,
) -> Result<(usize, usize), ShapeError> {
    let Some(first) = parts.next() else { return Err(ShapeError(format!("{op}: no parts"))) };
    let (rows, columns) = matrix(op, &first)?;
    parts.try_fold((rows, columns), |(rows, columns), part| match part.matrix() {
        Some((more, same)) if same == columns => Ok((rows + more, columns)),
        _ => Err(ShapeError(format!("{op}: shapes {first} and {part}: want [_, n] of one n"))),
    })
}

/// Matrices side by side have one number of rows; that number, and all of their columns.
pub(crate) fn side_by_side(
    op: &str,
    mut parts: impl Iterator<Item = Shape>,
) -> Result<(usize, usize), ShapeError> {
    let Some(first) = parts.next() else { return Err(ShapeError(format!("{op}: no parts"))) };
    let (rows, columns) = matrix(op, &first)?;
    parts.try_fold((rows, columns), |(rows, columns), part| match part.matrix() {
        Some((same, more)) if same == rows => Ok((rows, columns + more)),
        _ => Err(ShapeError(format!("{op}: shapes {first} and {part}: want [m, _] of one m"))),
    })
}

/// The operand is a matrix; `(rows, columns)`.
pub(crate) fn matrix(op: &str, shape: &Shape) -> Result<(usize, usize), ShapeError> {
    shape.matrix().ok_or_else(|| ShapeError(format!("{op}: shape {shape} is not a matrix")))
}

/// Every index names a row of a table `[rows, columns]`.
pub(crate) fn indices(op: &str, rows: usize, indices: &[usize]) -> Result<(), ShapeError> {
    match indices.iter().position(|&index| index >= rows) {
        None => Ok(()),
        Some(at) => Err(ShapeError(format!(
            "{op}: index {} at place {at} is outside a table of {rows} rows",
            indices[at]
        ))),
    }
}

/// The result of a shape rule, or a panic with its text at the caller's line.
#[track_caller]
pub(crate) fn expect<T>(result: Result<T, ShapeError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
