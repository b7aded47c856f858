//! Sums, means, variances and standard deviations over all values, over the rows and over the columns.
//!
//! Each is implemented once, for any [`ReduceOver`], and has three methods. `n` is the number of values in one
//! result. As in PyTorch, an empty sum is 0, an empty mean is NaN, and a variance of n ≤ correction values that do
//! not differ is NaN.

use tensor::{Real, Tensor};

use super::reduce_over::ReduceOver;
use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `Σ x → []`. Pullback: every value gets `ȳ`.
    pub fn sum(self) -> Self {
        self.sum_over("sum", ReduceOver::All)
    }

    /// `Σ x / n → []`; NaN if there are no values. Pullback: every value gets `ȳ/n`.
    pub fn mean(self) -> Self {
        self.mean_over("mean", ReduceOver::All)
    }

    /// `Σ (x − mean x)²/(n − correction) → []`. Pullback: `x̄ = 2(x − mean x)/(n − correction)·ȳ`.
    pub fn var(self, correction: usize) -> Self {
        self.var_over("var", ReduceOver::All, correction)
    }

    /// `√var x → []`. Pullback: `x̄ = (x − mean x)/((n − correction)·std x)·ȳ`; 0 if std x = 0, as in PyTorch.
    pub fn std(self, correction: usize) -> Self {
        self.std_over("std", ReduceOver::All, correction)
    }

    /// The sum of the rows: `[m, n] → [n]`. Pullback: that of [`sum`](Self::sum).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn sum_rows(self) -> Self {
        self.sum_over("sum_rows", ReduceOver::Rows)
    }

    /// The mean of the rows: `[m, n] → [n]`. Pullback: that of [`mean`](Self::mean).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn mean_rows(self) -> Self {
        self.mean_over("mean_rows", ReduceOver::Rows)
    }

    /// The variance over the rows: `[m, n] → [n]`. Pullback: that of [`var`](Self::var).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn var_rows(self, correction: usize) -> Self {
        self.var_over("var_rows", ReduceOver::Rows, correction)
    }

    /// The standard deviation over the rows: `[m, n] → [n]`. Pullback: that of [`std`](Self::std).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn std_rows(self, correction: usize) -> Self {
        self.std_over("std_rows", ReduceOver::Rows, correction)
    }

    /// The sum of the columns: `[m, n] → [m]`. Pullback: that of [`sum`](Self::sum).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn sum_columns(self) -> Self {
        self.sum_over("sum_columns", ReduceOver::Columns)
    }

    /// The mean of the columns: `[m, n] → [m]`. Pullback: that of [`mean`](Self::mean).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn mean_columns(self) -> Self {
        self.mean_over("mean_columns", ReduceOver::Columns)
    }

    /// The variance over the columns: `[m, n] → [m]`. Pullback: that of [`var`](Self::var).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn var_columns(self, correction: usize) -> Self {
        self.var_over("var_columns", ReduceOver::Columns, correction)
    }

    /// The standard deviation over the columns: `[m, n] → [m]`. Pullback: that of [`std`](Self::std).
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    #[track_caller]
    pub fn std_columns(self, correction: usize) -> Self {
        self.std_over("std_columns", ReduceOver::Columns, correction)
    }

    #[track_caller]
    fn sum_over(self, op: &'static str, over: ReduceOver) -> Self {
        let shape = self.shape();
        over.check(op, &shape);
        let value = over.sum(&self.value());
        self.tape().record(op, [self], value, move |g| [over.spread(g, &shape)])
    }

    #[track_caller]
    fn mean_over(self, op: &'static str, over: ReduceOver) -> Self {
        let shape = self.shape();
        over.check(op, &shape);
        let value = over.mean(&self.value());
        let n = T::of(over.count(&shape) as f64);
        self.tape().record(op, [self], value, move |g| [over.spread(&g.map(move |g| g / n), &shape)])
    }

    #[track_caller]
    fn var_over(self, op: &'static str, over: ReduceOver, correction: usize) -> Self {
        let (centred, freedom) = deviations(op, &self.value(), over, correction);
        let value = variance(&centred, over, freedom);
        self.tape().record(op, [self], value, move |g| {
            [over.mul(centred.clone(), &g.map(move |g| (g + g) / freedom))]
        })
    }

    #[track_caller]
    fn std_over(self, op: &'static str, over: ReduceOver, correction: usize) -> Self {
        let (centred, freedom) = deviations(op, &self.value(), over, correction);
        let value = variance(&centred, over, freedom).map(T::sqrt);
        self.tape().record(op, [self], value.clone(), move |g| {
            let factor =
                g.zip(op, &value, move |g, std| if std == T::ZERO { T::ZERO } else { g / (freedom * std) });
            [over.mul(centred.clone(), &factor)]
        })
    }
}

/// `x − mean x`, and the degrees of freedom `n − correction`, at least 0.
#[track_caller]
fn deviations<T: Real>(op: &str, x: &Tensor<T>, over: ReduceOver, correction: usize) -> (Tensor<T>, T) {
    over.check(op, x.shape());
    let centred = over.centred(x);
    let freedom = over.count(x.shape()).saturating_sub(correction);
    (centred, T::of(freedom as f64))
}

/// `Σ centred² / freedom`.
fn variance<T: Real>(centred: &Tensor<T>, over: ReduceOver, freedom: T) -> Tensor<T> {
    over.sum(&centred.map(|x| x * x)).map(move |sum| sum / freedom)
}
