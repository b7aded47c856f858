//! Sums along the rows and columns of a tensor.

use super::grid::TensorChunk;
use super::hash;
use super::number::MeasuredNumber;

/// The sums of one row: the values of one index of the first axis. NaN and ∞ pass through the sums.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowTotals {
    /// The sum of its values.
    pub sum: f64,
    /// The sum of their squares; 0 if every value is zero.
    pub squares: f64,
    /// A hash of its bits: rows of the same tensor or type with equal hashes are equal, but for one pair in 10¹⁹.
    pub hash: u64,
}

/// The sums of one column: the values of one combination of indices of all axes but the first. NaN and ∞ pass through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ColumnTotals {
    /// The sum of its values.
    pub sum: f64,
    /// The sum of their squares; 0 if every value is zero.
    pub squares: f64,
}

/// Squared lengths of the products of a matrix with a pseudo-random vector `r` of signs.
///
/// If the rows of `W` are orthonormal, `‖Wᵀ r‖²` is the number of rows, whatever `r`; if its columns are, `‖W r‖²` is the
/// number of columns. So orthogonality is tested without a Gram matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Projection {
    /// `‖W r‖²`, where `r` has one sign for each column.
    pub of_rows: f64,
    /// `‖Wᵀ r‖²`, where `r` has one sign for each row.
    pub of_columns: f64,
}

/// The number of partial sums of a row, so that no addition waits for the one before.
const WIDTH: usize = 16;

/// The sums of each row of `width` values, without hashes.
pub(super) fn row_totals<T: MeasuredNumber>(values: &[T], width: usize) -> Vec<RowTotals> {
    let mut rows = vec![RowTotals::default(); values.len() / width];
    let lines = &mut rows[..];
    tensor::dispatch(
        #[inline(always)]
        move || {
            for (line, row) in lines.iter_mut().zip(values.chunks_exact(width)) {
                *line = one_row(row);
            }
        },
    );
    rows
}

#[inline(always)]
fn one_row<T: MeasuredNumber>(row: &[T]) -> RowTotals {
    let (mut sums, mut squares) = ([0.0; WIDTH], [0.0; WIDTH]);
    let (chunks, rest) = row.as_chunks::<WIDTH>();
    for chunk in chunks {
        for lane in 0..WIDTH {
            let x = chunk[lane].double();
            sums[lane] += x;
            squares[lane] += x * x;
        }
    }
    for (lane, x) in rest.iter().enumerate() {
        let x = x.double();
        sums[lane] += x;
        squares[lane] += x * x;
    }
    RowTotals { sum: total(&sums), squares: total(&squares), hash: 0 }
}

/// The sum of partial sums, in pairs.
#[inline(always)]
fn total(sums: &[f64; WIDTH]) -> f64 {
    let mut halves = *sums;
    let mut width = WIDTH / 2;
    while width > 0 {
        for lane in 0..width {
            halves[lane] += halves[lane + width];
        }
        width /= 2;
    }
    halves[0]
}

/// The sums of columns and those of squares, of rows of `width` values.
pub(super) fn column_sums<T: MeasuredNumber>(values: &[T], width: usize) -> [Vec<f64>; 2] {
    let (mut sums, mut squares) = (vec![0.0; width], vec![0.0; width]);
    let (into_sums, into_squares) = (&mut sums[..], &mut squares[..]);
    tensor::dispatch(
        #[inline(always)]
        move || {
            let fours = values.chunks_exact(4 * width);
            let rest = fours.remainder();
            for four in fours {
                add_four_rows(four, into_sums, into_squares);
            }
            for row in rest.chunks_exact(width) {
                for ((sum, square), x) in into_sums.iter_mut().zip(into_squares.iter_mut()).zip(row) {
                    let x = x.double();
                    *sum += x;
                    *square += x * x;
                }
            }
        },
    );
    [sums, squares]
}

/// Adds four rows to the sums, which so are read and written once for all of them.
#[inline(always)]
fn add_four_rows<T: MeasuredNumber>(four: &[T], sums: &mut [f64], squares: &mut [f64]) {
    let width = sums.len();
    let (ab, cd) = four.split_at(2 * width);
    let ((a, b), (c, d)) = (ab.split_at(width), cd.split_at(width));
    let squares = &mut squares[..width];
    let (a, b, c, d) = (&a[..width], &b[..width], &c[..width], &d[..width]);
    for at in 0..width {
        let (a, b, c, d) = (a[at].double(), b[at].double(), c[at].double(), d[at].double());
        sums[at] += (a + b) + (c + d);
        squares[at] += (a * a + b * b) + (c * c + d * d);
    }
}

/// The sums of rows and of columns, each value times the sign of its column or row.
pub(super) fn signed_sums<T: MeasuredNumber>(
    values: &[T],
    chunk: &TensorChunk,
    projection: usize,
) -> [Vec<f64>; 2] {
    let width = chunk.columns.len();
    let signs: Vec<f64> = chunk.columns.clone().map(|column| hash::sign(column, 2 * projection)).collect();
    let mut columns = vec![0.0; width];
    let mut rows = Vec::new();
    for (row, at) in values.chunks_exact(width).zip(chunk.rows.clone()) {
        let sign = hash::sign(at, 2 * projection + 1);
        rows.push(row.iter().zip(&signs).map(|(x, sign)| x.double() * sign).sum());
        columns.iter_mut().zip(row).for_each(|(sum, x)| *sum += x.double() * sign);
    }
    [rows, columns]
}
