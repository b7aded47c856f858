//! The logarithm of a sum of exponentials, over all values, over the rows and over the columns.

use tensor::Real;

use super::extremes::best;
use super::reduce_over::ReduceOver;
use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `ln Σ eˣ → []`. The largest value is subtracted first, so that nothing overflows; −∞ if all values are −∞.
    /// Pullback: `x̄ = eˣ/Σ eˣ·ȳ`; 0 if all values are −∞, where PyTorch's is NaN.
    ///
    /// # Panics
    /// Panics if there are no values.
    #[track_caller]
    pub fn logsumexp(self) -> Self {
        self.logsumexp_over("logsumexp", ReduceOver::All)
    }

    /// `ln Σ eˣ` over the rows, column by column: `[m, n] → [n]`. Pullback: that of [`logsumexp`](Self::logsumexp).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn logsumexp_rows(self) -> Self {
        self.logsumexp_over("logsumexp_rows", ReduceOver::Rows)
    }

    /// `ln Σ eˣ` over the columns, row by row: `[m, n] → [m]`. Pullback: that of [`logsumexp`](Self::logsumexp).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn logsumexp_columns(self) -> Self {
        self.logsumexp_over("logsumexp_columns", ReduceOver::Columns)
    }

    #[track_caller]
    fn logsumexp_over(self, op: &'static str, over: ReduceOver) -> Self {
        let x = self.value();
        // A constant: what is subtracted and added again has no derivative.
        let (largest, _) = best(op, over, &x, |x, y| x > y);
        let shift = largest.map(|x| if x.to_f64().is_finite() { T::of(x.to_f64()) } else { T::ZERO });
        let exps = over.add(x, &shift.map(|shift| -shift)).map(T::exp);
        let sums = over.sum(&exps);
        let value = sums.map(T::ln).zip(op, &shift, |ln, shift| ln + shift);
        self.tape().record(op, [self], value, move |g| {
            // A sum of 0 is that of values that are all −∞.
            let factor = g.zip(op, &sums, |g, sum| if sum == T::ZERO { T::ZERO } else { g / sum });
            [over.mul(exps.clone(), &factor)]
        })
    }
}
