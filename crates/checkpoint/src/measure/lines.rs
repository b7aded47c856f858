//! Sums along the rows and columns of a tensor.

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
