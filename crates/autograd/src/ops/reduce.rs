//! Sums over everything.

use tensor::{Real, Tensor};

use crate::Var;

impl<'t, T: Real> Var<'t, T> {
    /// `Σ x → []`. Pullback: `x̄ = ȳ` everywhere.
    pub fn sum(self) -> Self {
        let (x, shape) = (self.value(), self.shape());
        let value = Tensor::scalar(x.sum());
        self.tape().record("sum", [self], value, move |g| [Tensor::full(&shape, g.item())])
    }

    /// `Σ x / n → []`, NaN when empty. Pullback: `x̄ = ȳ/n` everywhere.
    pub fn mean(self) -> Self {
        let n = T::of(self.shape().numel() as f64);
        let (x, shape) = (self.value(), self.shape());
        let value = Tensor::scalar(x.sum() / n);
        self.tape().record("mean", [self], value, move |g| [Tensor::full(&shape, g.item() / n)])
    }
}
