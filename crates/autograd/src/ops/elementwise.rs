//! Ops on each value by itself.

use std::ops::{Add, Mul, Neg, Sub};

use tensor::{Activation, Real};

use crate::Var;

impl<'t, T: Real> Var<'t, T> {
    /// `factor·x`. Pullback: `x̄ = factor·ȳ`.
    pub fn scale(self, factor: T) -> Self {
        self.tape().record("scale", [self], self.value().scale(factor), move |g| [g.scale(factor)])
    }

    /// `f(x)`. Pullback: `x̄ = f′(x)·ȳ`.
    ///
    /// One op serves every [`Activation`]: the slope is computed with the value, in one pass.
    pub fn activation(self, f: Activation) -> Self {
        let (value, slope) = f.apply(&self.value());
        self.tape().record("activation", [self], value, move |g| [g.mul(&slope)])
    }
}

/// `x + y`, equal shapes. Pullback: `x̄ = ȳ`, `ȳ` for both.
impl<T: Real> Add for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn add(self, other: Self) -> Self {
        let value = self.value().add(&other.value());
        self.tape().record("add", [self, other], value, |g| [g.clone(), g.clone()])
    }
}

/// `x − y`, equal shapes. Pullback: the cotangent, and its negative.
impl<T: Real> Sub for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn sub(self, other: Self) -> Self {
        let value = self.value().sub(&other.value());
        self.tape().record("sub", [self, other], value, |g| [g.clone(), g.map(|g| -g)])
    }
}

/// `x·y`, value by value, equal shapes. Pullback: the cotangent times the other factor.
impl<T: Real> Mul for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn mul(self, other: Self) -> Self {
        let (x, y) = (self.value(), other.value());
        self.tape().record("mul", [self, other], x.mul(&y), move |g| [g.mul(&y), g.mul(&x)])
    }
}

/// `−x`. Pullback: the negative cotangent.
impl<T: Real> Neg for Var<'_, T> {
    type Output = Self;

    fn neg(self) -> Self {
        self.tape().record("neg", [self], self.value().map(|x| -x), |g| [g.map(|g| -g)])
    }
}
