//! Ops with a constant.
//!
//! As operators too: `x + c`, `x - c`, `x * c`, `x / c` in any type, `c + x`, `c - x`, `c * x`, `c / x` in `f32` and
//! `f64`, where Rust lets a number stand on the left.

use std::ops::{Add, Div, Mul, Sub};

use tensor::Real;

use super::elementwise::is_nan;
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

    /// `c − x`. Pullback: `x̄ = −ȳ`.
    pub fn rsub(self, c: T) -> Self {
        self.tape().record("rsub", [self], self.value().map(move |x| c - x), |g| [g.map(|g| -g)])
    }

    /// `x/c`. Pullback: `x̄ = ȳ/c`.
    pub fn div_scalar(self, c: T) -> Self {
        let value = self.value().map(move |x| x / c);
        self.tape().record("div_scalar", [self], value, move |g| [g.map(move |g| g / c)])
    }

    /// `c/x`. Pullback: `x̄ = −(c/x)·ȳ/x`.
    pub fn rdiv(self, c: T) -> Self {
        let x = self.value();
        let value = x.map(move |x| c / x);
        self.tape().record("rdiv", [self], value.clone(), move |g| {
            [g.div(&x).zip("rdiv", &value, |g, quotient| -(g * quotient))]
        })
    }

    /// `xᵖ` for a constant p; NaN below 0 unless p is whole, and what C's `pow` has at −0 and −∞. Pullback: `x̄ = p·xᵖ⁻¹·ȳ`; 0 for p = 0, at x = 0 and
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

    /// `min(max(x, lo), hi)`; NaN where x or a bound is. Pullback: `x̄ = ȳ` between the bounds; 0 beyond them, at
    /// them and at NaN, as PyTorch 2.15 has it.
    pub fn clamp(self, lo: T, hi: T) -> Self {
        let x = self.value();
        let value = x.map(
            #[inline(always)]
            move |x| {
                let raised = if x >= lo || is_nan(x) { x } else { lo };
                if raised <= hi || is_nan(raised) { raised } else { hi }
            },
        );
        self.tape().record("clamp", [self], value, move |g| {
            [g.zip("clamp", &x, move |g, x| if x > lo && x < hi { g } else { T::ZERO })]
        })
    }
}

/// `x + c`: [`Var::add_scalar`].
impl<T: Real> Add<T> for Var<'_, T> {
    type Output = Self;

    fn add(self, c: T) -> Self {
        self.add_scalar(c)
    }
}

/// `x − c`: [`Var::add_scalar`] of −c.
impl<T: Real> Sub<T> for Var<'_, T> {
    type Output = Self;

    fn sub(self, c: T) -> Self {
        self.add_scalar(-c)
    }
}

/// `x·c`: [`Var::scale`].
impl<T: Real> Mul<T> for Var<'_, T> {
    type Output = Self;

    fn mul(self, c: T) -> Self {
        self.scale(c)
    }
}

/// `x/c`: [`Var::div_scalar`].
impl<T: Real> Div<T> for Var<'_, T> {
    type Output = Self;

    fn div(self, c: T) -> Self {
        self.div_scalar(c)
    }
}

/// A number on the left, for one type: an impl for every [`Real`] would be one for types that are not ours.
macro_rules! on_the_left {
    ($type:ty: $($op:ident::$method:ident is $of:ident, $text:literal;)*) => {$(
        #[doc = $text]
        impl<'t> $op<Var<'t, $type>> for $type {
            type Output = Var<'t, $type>;

            fn $method(self, x: Var<'t, $type>) -> Var<'t, $type> {
                x.$of(self)
            }
        }
    )*};
    ($($type:ty),*) => {$(
        on_the_left! { $type:
            Add::add is add_scalar, "`c + x`: [`Var::add_scalar`].";
            Sub::sub is rsub, "`c − x`: [`Var::rsub`].";
            Mul::mul is scale, "`c·x`: [`Var::scale`].";
            Div::div is rdiv, "`c/x`: [`Var::rdiv`].";
        }
    )*};
}

on_the_left!(f32, f64);
