//! Sums, means, variances and standard deviations over all values, over the rows and over the columns.
//!
//! Each is implemented once, for any [`ReduceOver`], and has three methods. `n` is the number of values in one
//! result. As in PyTorch, an empty sum is 0, an empty mean is NaN, and a variance of n ≤ correction values that do
//! not differ is NaN.
//!
//! Sums are pairwise: that of n values has an error of at most `(⌈log₂ n⌉ + 11)·ε/2·Σ|x|`, to first order in ε.

use tensor::{Real, Shape, Tensor};

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
        over.check(op, &self.shape());
        let Deviations { centred, squares, scale } = Deviations::of(&self.value(), over);
        let freedom = freedom(&self.shape(), over, correction);
        let value = squares.map(move |sum| sum / freedom).mul(&scale).mul(&scale);
        self.tape().record(op, [self], value, move |g| {
            [over.mul(centred.clone(), &g.map(move |g| (g + g) / freedom))]
        })
    }

    #[track_caller]
    fn std_over(self, op: &'static str, over: ReduceOver, correction: usize) -> Self {
        over.check(op, &self.shape());
        let Deviations { centred, squares, scale } = Deviations::of(&self.value(), over);
        let freedom = freedom(&self.shape(), over, correction);
        let value = squares.map(move |sum| (sum / freedom).sqrt()).mul(&scale);
        self.tape().record(op, [self], value.clone(), move |g| {
            let factor =
                g.zip(op, &value, move |g, std| if std == T::ZERO { T::ZERO } else { g / (freedom * std) });
            [over.mul(centred.clone(), &factor)]
        })
    }
}

/// The degrees of freedom `n − correction`, at least 0.
fn freedom<T: Real>(shape: &Shape, over: ReduceOver, correction: usize) -> T {
    T::of(over.count(shape).saturating_sub(correction) as f64)
}

/// The deviations from the mean, and the sum of their squares without overflow or underflow.
///
/// PyTorch computes variances of `f32` in double precision. So the standard deviation of values near 10³⁰ is finite there,
/// although their squares are not, and here the squares are those of values divided by a power of two where that is needed.
struct Deviations<T: Real> {
    /// `x − mean x`.
    centred: Tensor<T>,
    /// `Σ (centred/scale)²`.
    squares: Tensor<T>,
    /// 1 where the squares can be added as they are.
    scale: Tensor<T>,
}

impl<T: Real> Deviations<T> {
    #[track_caller]
    fn of(x: &Tensor<T>, over: ReduceOver) -> Self {
        let centred = over.centred(x);
        let squares = over.sum(&centred.map(|x| x * x));
        let scale = squares.map(|_| T::ONE);
        let exact = |sum: &T| (MIN_SQUARES..f64::INFINITY).contains(&sum.to_f64());
        if squares.data().iter().all(exact) {
            return Self { centred, squares, scale };
        }
        let scale = over.powers_of_two(x, |group| !exact(&squares.data()[group]));
        let scaled = over.centred(&over.mul(x.clone(), &scale.map(|scale| T::ONE / scale)));
        let squares = over.sum(&scaled.map(|x| x * x));
        Self { centred: over.mul(scaled, &scale), squares, scale }
    }
}

/// A sum of squares below this may have lost digits to underflow: 2⁻⁸⁰, where the squares of `f32` that matter to it are
/// above 2⁻¹²⁶.
const MIN_SQUARES: f64 = 1.0 / (1_u128 << 80) as f64;
