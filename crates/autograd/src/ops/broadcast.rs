//! Broadcasting: a row or a column combined with a matrix.

use tensor::Real;

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// The row added to every row of x: `[m, n] + [n] → [m, n]`. Pullback: `x̄ = ȳ`; the row gets the sum of the rows
    /// of `ȳ`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[n]`.
    #[track_caller]
    pub fn add_row(self, row: Self) -> Self {
        let value = self.value().add_row(&row.value());
        self.tape().record_each("add_row", &[self, row], value, |g, parent| match parent {
            0 => g.clone(),
            _ => g.sum_rows(),
        })
    }

    /// Every row of x multiplied elementwise by the row: `[m, n] · [n] → [m, n]`. Pullback: `x̄ = ȳ·row`; the row
    /// gets the sum of the rows of `ȳ·x`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[n]`.
    #[track_caller]
    pub fn mul_row(self, row: Self) -> Self {
        let (x, factor) = (self.value(), row.value());
        let value = x.clone().mul_row(&factor);
        self.tape().record_each("mul_row", &[self, row], value, move |g, parent| match parent {
            0 => g.clone().mul_row(&factor),
            _ => g.mul(&x).sum_rows(),
        })
    }

    /// The column added to every column of x: `[m, n] + [m] → [m, n]`. Pullback: `x̄ = ȳ`; the column gets the sum of
    /// the columns of `ȳ`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[m]`.
    #[track_caller]
    pub fn add_column(self, column: Self) -> Self {
        let value = self.value().add_column(&column.value());
        self.tape().record_each("add_column", &[self, column], value, |g, parent| match parent {
            0 => g.clone(),
            _ => g.sum_columns(),
        })
    }

    /// Every column of x multiplied elementwise by the column: `[m, n] · [m] → [m, n]`. Pullback: `x̄ = ȳ·column`;
    /// the column gets the sum of the columns of `ȳ·x`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[m]`.
    #[track_caller]
    pub fn mul_column(self, column: Self) -> Self {
        let (x, factor) = (self.value(), column.value());
        let value = x.clone().mul_column(&factor);
        self.tape().record_each("mul_column", &[self, column], value, move |g, parent| match parent {
            0 => g.clone().mul_column(&factor),
            _ => g.mul(&x).sum_columns(),
        })
    }
}
