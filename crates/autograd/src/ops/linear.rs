//! Matrix products and lookups.

use tensor::Real;

use crate::Var;

impl<'t, T: Real> Var<'t, T> {
    /// `x·w`: `[m, k] · [k, n] → [m, n]`. Pullback: `x̄ = ȳ·wᵀ`, `w̄ = xᵀ·ȳ`.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul(self, w: Self) -> Self {
        let (x, weight) = (self.value(), w.value());
        let value = x.matmul(&weight);
        self.tape().record_each("matmul", &[self, w], value, move |g, parent| match parent {
            0 => g.matmul_nt(&weight),
            _ => x.matmul_tn(g),
        })
    }

    /// `x·wᵀ`: `[m, k] · [n, k] → [m, n]`. Pullback: `x̄ = ȳ·w`, `w̄ = ȳᵀ·x`.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_nt(self, w: Self) -> Self {
        let (x, weight) = (self.value(), w.value());
        let value = x.matmul_nt(&weight);
        self.tape().record_each("matmul_nt", &[self, w], value, move |g, parent| match parent {
            0 => g.matmul(&weight),
            _ => g.matmul_tn(&x),
        })
    }

    /// `xᵀ·w`: `[k, m] · [k, n] → [m, n]`. Pullback: `x̄ = w·ȳᵀ`, `w̄ = x·ȳ`.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_tn(self, w: Self) -> Self {
        let (x, weight) = (self.value(), w.value());
        let value = x.matmul_tn(&weight);
        self.tape().record_each("matmul_tn", &[self, w], value, move |g, parent| match parent {
            0 => weight.matmul_nt(g),
            _ => x.matmul(g),
        })
    }

    /// `xᵀ·wᵀ`: `[k, m] · [n, k] → [m, n]`. Pullback: `x̄ = wᵀ·ȳᵀ`, `w̄ = ȳᵀ·xᵀ`.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_tt(self, w: Self) -> Self {
        let (x, weight) = (self.value(), w.value());
        let value = x.matmul_tt(&weight);
        self.tape().record_each("matmul_tt", &[self, w], value, move |g, parent| match parent {
            0 => weight.matmul_tt(g),
            _ => g.matmul_tt(&x),
        })
    }

    /// `x·w + b`: `[m, k] · [k, n] + [n] → [m, n]`, with the bias added to every row. Pullback: `x̄ = ȳ·wᵀ`,
    /// `w̄ = xᵀ·ȳ`, and `b̄` is the sum of the rows of `ȳ`.
    ///
    /// # Panics
    /// Panics if the shapes are not these three.
    #[track_caller]
    pub fn linear(self, w: Self, b: Self) -> Self {
        let (x, weight) = (self.value(), w.value());
        let value = x.matmul_add_row(&weight, &b.value());
        self.tape().record_each("linear", &[self, w, b], value, move |g, parent| match parent {
            0 => g.matmul_nt(&weight),
            1 => x.matmul_tn(g),
            _ => g.sum_rows(),
        })
    }

    /// The rows with the given indices, as in the lookup of an embedding: `[rows, n] → [indices.len(), n]`. Pullback:
    /// each row of `ȳ` is added to the row that it was copied from.
    ///
    /// # Panics
    /// Panics if this is not a matrix, or an index is not below its number of rows.
    #[track_caller]
    pub fn gather(self, indices: &[usize]) -> Self {
        let table = self.value();
        let value = table.gather_rows(indices);
        let (indices, rows) = (indices.to_vec(), table.shape().dims()[0]);
        self.tape().record("gather", [self], value, move |g| [g.scatter_rows(&indices, rows)])
    }
}
