//! A row or a column that meets a matrix: the only broadcasting there is.

use tensor::Real;

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `x + row` on every row: `[m, n] + [n] → [m, n]`. Pullback: `x̄ = ȳ`, to the row `Σ` rows of `ȳ`.
    ///
    /// # Panics
    /// If the shapes are not these.
    #[track_caller]
    pub fn add_row(self, row: Self) -> Self {
        let value = self.value().add_row(&row.value());
        self.tape().record_each("add_row", &[self, row], value, |g, parent| match parent {
            0 => g.clone(),
            _ => g.sum_rows(),
        })
    }

    /// `x·row`, value by value, on every row: `[m, n] · [n] → [m, n]`. Pullback: `x̄ = ȳ·row`, to the row
    /// `Σ` rows of `ȳ·x`.
    ///
    /// # Panics
    /// If the shapes are not these.
    #[track_caller]
    pub fn mul_row(self, row: Self) -> Self {
        let (x, factor) = (self.value(), row.value());
        let value = x.clone().mul_row(&factor);
        self.tape().record_each("mul_row", &[self, row], value, move |g, parent| match parent {
            0 => g.clone().mul_row(&factor),
            _ => g.mul(&x).sum_rows(),
        })
    }

    /// `x + column` on every column: `[m, n] + [m] → [m, n]`. Pullback: `x̄ = ȳ`, to the column `Σ` columns
    /// of `ȳ`.
    ///
    /// # Panics
    /// If the shapes are not these.
    #[track_caller]
    pub fn add_column(self, column: Self) -> Self {
        let value = self.value().add_column(&column.value());
        self.tape().record_each("add_column", &[self, column], value, |g, parent| match parent {
            0 => g.clone(),
            _ => g.sum_columns(),
        })
    }

    /// `x·column`, value by value, on every column: `[m, n] · [m] → [m, n]`. Pullback: `x̄ = ȳ·column`, to the
    /// column `Σ` columns of `ȳ·x`.
    ///
    /// # Panics
    /// If the shapes are not these.
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
