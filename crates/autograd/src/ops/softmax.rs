//! Softmax and log-softmax along rows.

use tensor::Real;

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `x − ln Σ eˣ` along each row, `[m, n] → [m, n]`. Pullback: `x̄ = ȳ − softmax(x)·Σ ȳ` with the sum along the row.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn log_softmax(self) -> Self {
        let value = self.value().log_softmax_rows();
        self.tape().record("log_softmax", [self], value.clone(), move |g| {
            let through_sum = value.map(T::exp).mul_column(&g.sum_columns());
            [g.sub(&through_sum)]
        })
    }

    /// The softmax `p = eˣ / Σ eˣ` along each row, `[m, n] → [m, n]`. Pullback: `x̄ = p·(ȳ − Σ p·ȳ)` with the sum
    /// along the row.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn softmax(self) -> Self {
        let p = self.value().softmax_rows();
        self.tape().record("softmax", [self], p.clone(), move |g| {
            let mean = p.mul(g).sum_columns();
            [g.clone().add_column(&mean.map(|mean| -mean)).mul(&p)]
        })
    }
}
