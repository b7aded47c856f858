//! Normalisation: batch norm, layer norm and RMS norm.
//!
//! All three compute `x̂ = (x − c)·r` with the centre c and the factor `r = 1/√(var x + ε)`, then scale it and,
//! except RMS norm, shift it. Let `h` be the cotangent of x̂. Then the pullback with `c = mean x` is
//! `x̄ = r·(h − mean h − x̂·mean(h·x̂))`; without a centre, the term `mean h` is missing.

use tensor::{Real, Shape, Tensor};

use super::reduce_over::ReduceOver;
use crate::Var;

/// The mean and the variance of each column of a batch, or running averages of them: two tensors `[n]`.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchStatistics<T: Real = f32> {
    /// The mean of each column.
    pub mean: Tensor<T>,
    /// The variance of each column, with the divisor m − 1; NaN for a single row.
    pub variance: Tensor<T>,
}

impl<T: Real> BatchStatistics<T> {
    /// Updates running averages with this batch: `running = (1 − momentum)·running + momentum·batch`.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn update(&self, running: &mut Self, momentum: f64) {
        let (rest, share) = (T::of(1.0 - momentum), T::of(momentum));
        let towards = move |old, new| rest * old + share * new;
        let mean = running.mean.zip("update", &self.mean, towards);
        let variance = running.variance.zip("update", &self.variance, towards);
        *running = Self { mean, variance };
    }
}

impl<T: Real> Var<'_, T> {
    /// Batch norm in training: `γ·(x − μ)/√(σ² + ε) + β` with the mean μ and the variance σ² (divisor m) of each
    /// column: `[m, n]`, `[n]`, `[n] → [m, n]` (Ioffe & Szegedy 2015). It also returns μ and the variance with the
    /// divisor m − 1, for running averages.
    ///
    /// Pullback: with `x̂ = (x − μ)·r`, `r = 1/√(σ² + ε)` and `h = γ·ȳ`, `x̄ = r·(h − mean h − x̂·mean(h·x̂))` with
    /// means over the rows; `γ̄` is the sum of the rows of `ȳ·x̂`, `β̄` that of `ȳ`.
    ///
    /// The result for a single row is β; PyTorch raises an error instead. In single precision, squares overflow from deviations
    /// of 10¹⁹ on, and the result is β; sums overflow from 3·10³⁸ on, and the result is NaN. Both are PyTorch's for a matrix.
    ///
    /// # Panics
    /// Panics if the shapes are not these three.
    #[track_caller]
    pub fn batch_norm(self, gamma: Self, beta: Self, eps: f64) -> (Self, BatchStatistics<T>) {
        let (x, scale) = (self.value(), gamma.value());
        assert_shapes("batch_norm", x.shape(), [&scale, &beta.value()]);
        let m = x.shape().dims()[0] as f64;
        let (count, freedom) = (T::of(m), T::of((m - 1.0).max(0.0)));
        // The cost is the passes over the matrix: four forward, three backward.
        let mean = ReduceOver::Rows.mean(&x);
        let squares = x.sum_zip_rows("batch_norm", &x, [&mean], |x, _, [mean]| (x - mean) * (x - mean));
        let r = inverse_root(&squares.map(move |sum| sum / count), eps);
        let x_hat = x.zip_rows("batch_norm", &x, [&mean, &r], |x, _, [mean, r]| (x - mean) * r);
        let rows = [&scale, &beta.value()];
        let value = x_hat.zip_rows("batch_norm", &x_hat, rows, |x, _, [scale, shift]| x * scale + shift);
        let variance = squares.map(move |sum| sum / freedom);
        let y = self.tape().record("batch_norm", [self, gamma, beta], value, move |g| {
            let along = g.sum_zip_rows("batch_norm", &x_hat, [], |g, x, _| g * x);
            let sum = g.sum_rows();
            let rows = [&scale.mul(&r), &sum.map(move |sum| sum / count), &along.map(move |sum| sum / count)];
            let through =
                g.zip_rows("batch_norm", &x_hat, rows, |g, x, [s, mean, along]| s * (g - mean - x * along));
            [through, along, sum]
        });
        (y, BatchStatistics { mean, variance })
    }

    /// [`batch_norm`](Self::batch_norm) in evaluation: `γ·(x − μ)/√(σ² + ε) + β` with the given mean μ and variance
    /// σ², which are constants. Pullback: `x̄ = γ·ȳ/√(σ² + ε)`; `γ̄` is the sum of the rows of `ȳ·x̂`, `β̄` that of
    /// `ȳ`.
    ///
    /// # Panics
    /// Panics if the shapes are not `[m, n]` and `[n]`.
    #[track_caller]
    pub fn batch_norm_running(self, gamma: Self, beta: Self, running: &BatchStatistics<T>, eps: f64) -> Self {
        let (x, scale) = (self.value(), gamma.value());
        assert_shapes("batch_norm_running", x.shape(), [&scale, &beta.value()]);
        assert_shapes("batch_norm_running", x.shape(), [&running.mean, &running.variance]);
        let r = inverse_root(&running.variance, eps);
        let x_hat = x.add_row(&running.mean.map(|mean| -mean)).mul_row(&r);
        let value = x_hat.clone().mul_row(&scale).add_row(&beta.value());
        self.tape().record_each("batch_norm_running", &[self, gamma, beta], value, move |g, parent| {
            match parent {
                0 => g.clone().mul_row(&scale).mul_row(&r),
                1 => g.mul(&x_hat).sum_rows(),
                _ => g.sum_rows(),
            }
        })
    }

    /// Layer norm: `γ·(x − μ)/√(σ² + ε) + β` with the mean μ and the variance σ² (divisor n) of each row:
    /// `[m, n]`, `[n]`, `[n] → [m, n]` (Ba et al. 2016).
    ///
    /// Pullback: with `x̂ = (x − μ)·r`, `r = 1/√(σ² + ε)` and `h = γ·ȳ`, `x̄ = r·(h − mean h − x̂·mean(h·x̂))` with
    /// means along each row; `γ̄` is the sum of the rows of `ȳ·x̂`, `β̄` that of `ȳ`.
    ///
    /// # Panics
    /// Panics if the shapes are not these three.
    #[track_caller]
    pub fn layer_norm(self, gamma: Self, beta: Self, eps: f64) -> Self {
        let (x, scale) = (self.value(), gamma.value());
        assert_shapes("layer_norm", x.shape(), [&scale, &beta.value()]);
        let centred = ReduceOver::Columns.centred(&x);
        let r = inverse_root(&ReduceOver::Columns.mean(&centred.map(|x| x * x)), eps);
        let x_hat = centred.mul_column(&r);
        let value = x_hat.clone().mul_row(&scale).add_row(&beta.value());
        self.tape().record("layer_norm", [self, gamma, beta], value, move |g| {
            let h = g.clone().mul_row(&scale);
            [
                through_scale(&ReduceOver::Columns.centred(&h), &h, &x_hat, &r),
                g.mul(&x_hat).sum_rows(),
                g.sum_rows(),
            ]
        })
    }

    /// RMS norm: `γ·x/√(mean x² + ε)` with the mean along each row: `[m, n]`, `[n] → [m, n]` (Zhang & Sennrich 2019).
    ///
    /// Pullback: with `x̂ = x·r`, `r = 1/√(mean x² + ε)` and `h = γ·ȳ`, `x̄ = r·(h − x̂·mean(h·x̂))`; `γ̄` is the sum
    /// of the rows of `ȳ·x̂`.
    ///
    /// # Panics
    /// Panics if the shapes are not these two.
    #[track_caller]
    pub fn rms_norm(self, gamma: Self, eps: f64) -> Self {
        let (x, scale) = (self.value(), gamma.value());
        assert_shapes("rms_norm", x.shape(), [&scale]);
        let r = inverse_root(&ReduceOver::Columns.mean(&x.map(|x| x * x)), eps);
        let x_hat = x.mul_column(&r);
        let value = x_hat.clone().mul_row(&scale);
        self.tape().record("rms_norm", [self, gamma], value, move |g| {
            let h = g.clone().mul_row(&scale);
            [through_scale(&h, &h, &x_hat, &r), g.mul(&x_hat).sum_rows()]
        })
    }
}

/// Panics unless x is `[m, n]` and every row is `[n]`.
#[track_caller]
fn assert_shapes<T: Real, const N: usize>(op: &str, x: &Shape, rows: [&Tensor<T>; N]) {
    for row in rows.map(Tensor::shape) {
        let fits = x.matrix().is_some_and(|(_, n)| row.dims() == [n]);
        assert!(fits, "{op}: got shapes {x} and {row}; expected [m, n] and [n]");
    }
}

/// `1/√(variance + ε)`.
fn inverse_root<T: Real>(variance: &Tensor<T>, eps: f64) -> Tensor<T> {
    let eps = T::of(eps);
    variance.map(move |variance| T::ONE / (variance + eps).sqrt())
}

/// `r·(first − x̂·mean(h·x̂))` with means along rows; `first` is h, minus its mean if x was centred.
fn through_scale<T: Real>(first: &Tensor<T>, h: &Tensor<T>, x_hat: &Tensor<T>, r: &Tensor<T>) -> Tensor<T> {
    let along = x_hat.clone().mul_column(&ReduceOver::Columns.mean(&h.mul(x_hat)));
    first.sub(&along).mul_column(r)
}
