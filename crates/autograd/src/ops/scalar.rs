//! Ops with a constant.
//!
//! A constant is a plain `f64` whatever the number type, and is rounded to it once: `2.0 * x + 1.0` is the same
//! program on `f32`, on `f64` and on the dual numbers of [`jvp`](crate::jvp) and [`hvp`](crate::hvp). Each op has a
//! method and, where there is one, an operator: `x + c`, `x - c`, `x * c`, `x / c`, and `c + x`, `c - x`, `c * x`,
//! `c / x`.

use std::ops::{Add, Div, Mul, Sub};

use tensor::Real;

use super::elementwise::is_nan;
use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `factor·x`. Pullback: `x̄ = factor·ȳ`.
    pub fn scale(self, factor: f64) -> Self {
        let factor = T::of(factor);
        self.tape().record("scale", [self], self.value().scale(factor), move |g| [g.scale(factor)])
    }

    /// `x + c`. Pullback: `x̄ = ȳ`.
    pub fn add_scalar(self, c: f64) -> Self {
        let c = T::of(c);
        let value = self.value().map(move |x| x + c);
        self.tape().record("add_scalar", [self], value, |g| [g.clone()])
    }

    /// `c − x`. Pullback: `x̄ = −ȳ`.
    pub fn rsub(self, c: f64) -> Self {
        let c = T::of(c);
        self.tape().record("rsub", [self], self.value().map(move |x| c - x), |g| [g.map(|g| -g)])
    }

    /// `x/c`. Pullback: `x̄ = ȳ/c`.
    pub fn div_scalar(self, c: f64) -> Self {
        let c = T::of(c);
        let value = self.value().map(move |x| x / c);
        self.tape().record("div_scalar", [self], value, move |g| [g.map(move |g| g / c)])
    }

    /// `c/x`. Pullback: `x̄ = −(c/x)·ȳ/x`.
    pub fn rdiv(self, c: f64) -> Self {
        let (x, c) = (self.value(), T::of(c));
        let value = x.map(move |x| c / x);
        self.tape().record("rdiv", [self], value.clone(), move |g| {
            [g.div(&x).zip("rdiv", &value, |g, quotient| -(g * quotient))]
        })
    }

    /// `xᵖ` for a constant p; NaN below 0 unless p is an integer, and C's `pow` at −0 and −∞. Pullback:
    /// `x̄ = p·xᵖ⁻¹·ȳ`; 0 everywhere for p = 0, even at x = 0 and at NaN.
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

    /// `min(max(x, lo), hi)`; NaN where x or a bound is NaN. Pullback: `x̄ = ȳ` strictly between the bounds, 0
    /// elsewhere and at NaN, as in PyTorch 2.15.
    pub fn clamp(self, lo: f64, hi: f64) -> Self {
        let (x, lo, hi) = (self.value(), T::of(lo), T::of(hi));
        let value = x.map(
            #[inline(always)]
            move |x| {
                // At a bound, the bound: it has no slope. Nor has NaN.
                let raised = if x > lo {
                    x
                } else if is_nan(x) {
                    T::of(f64::NAN)
                } else {
                    lo
                };
                if raised < hi || is_nan(raised) { raised } else { hi }
            },
        );
        self.tape().record("clamp", [self], value, move |g| {
            [g.zip("clamp", &x, move |g, x| if x > lo && x < hi { g } else { T::ZERO })]
        })
    }
}

/// `x + c`: [`Var::add_scalar`].
impl<T: Real> Add<f64> for Var<'_, T> {
    type Output = Self;

    fn add(self, c: f64) -> Self {
        self.add_scalar(c)
    }
}

/// `x − c`: [`Var::add_scalar`] of −c.
impl<T: Real> Sub<f64> for Var<'_, T> {
    type Output = Self;

    fn sub(self, c: f64) -> Self {
        self.add_scalar(-c)
    }
}

/// `x·c`: [`Var::scale`].
impl<T: Real> Mul<f64> for Var<'_, T> {
    type Output = Self;

    fn mul(self, c: f64) -> Self {
        self.scale(c)
    }
}

/// `x/c`: [`Var::div_scalar`].
impl<T: Real> Div<f64> for Var<'_, T> {
    type Output = Self;

    fn div(self, c: f64) -> Self {
        self.div_scalar(c)
    }
}

/// `c + x`: [`Var::add_scalar`].
impl<'t, T: Real> Add<Var<'t, T>> for f64 {
    type Output = Var<'t, T>;

    fn add(self, x: Var<'t, T>) -> Var<'t, T> {
        x.add_scalar(self)
    }
}

/// `c − x`: [`Var::rsub`].
impl<'t, T: Real> Sub<Var<'t, T>> for f64 {
    type Output = Var<'t, T>;

    fn sub(self, x: Var<'t, T>) -> Var<'t, T> {
        x.rsub(self)
    }
}

/// `c·x`: [`Var::scale`].
impl<'t, T: Real> Mul<Var<'t, T>> for f64 {
    type Output = Var<'t, T>;

    fn mul(self, x: Var<'t, T>) -> Var<'t, T> {
        x.scale(self)
    }
}

/// `c/x`: [`Var::rdiv`].
impl<'t, T: Real> Div<Var<'t, T>> for f64 {
    type Output = Var<'t, T>;

    fn div(self, x: Var<'t, T>) -> Var<'t, T> {
        x.rdiv(self)
    }
}
