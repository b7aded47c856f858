//! Ops with a constant.

use tensor::Real;

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `factor·x`. Pullback: `x̄ = factor·ȳ`.
    pub fn scale(self, factor: T) -> Self {
        self.tape().record("scale", [self], self.value().scale(factor), move |g| [g.scale(factor)])
    }

    /// `x + c`. Pullback: `x̄ = ȳ`.
    pub fn add_scalar(self, c: T) -> Self {
        let value = self.value().map(move |x| x + c);
        self.tape().record("add_scalar", [self], value, |g| [g.clone()])
    }

    /// `xᵖ` for a constant p; NaN below 0 unless p is whole. Pullback: `x̄ = p·xᵖ⁻¹·ȳ`; 0 for p = 0, at x = 0 and
    /// NaN too.
    pub fn powf(self, exponent: f64) -> Self {
        let x = self.value();
        let value = x.map(move |x| x.powf(exponent));
        self.tape().record("powf", [self], value, move |g| {
            let p = T::of(exponent);
            [g.zip(
                "powf",
                &x,
                move |g, x| {
                    if exponent == 0.0 { T::ZERO } else { g * (p * x.powf(exponent - 1.0)) }
                },
            )]
        })
    }

    /// `min(max(x, lo), hi)`; NaN stays. Pullback: `x̄ = ȳ` between the bounds; 0 beyond them, at them
    /// and at NaN, as PyTorch 2.15 has it.
    pub fn clamp(self, lo: T, hi: T) -> Self {
        let x = self.value();
        let value = x.map(
            #[inline(always)]
            move |x| {
                let raised = if x < lo { lo } else { x };
                if raised > hi { hi } else { raised }
            },
        );
        self.tape().record("clamp", [self], value, move |g| {
            [g.zip("clamp", &x, move |g, x| if x > lo && x < hi { g } else { T::ZERO })]
        })
    }
}
