//! Elementwise ops.

use std::ops::{Add, Div, Mul, Neg, Sub};

use tensor::{Activation, Real, Tensor};

use crate::Var;

impl<T: Real> Var<'_, T> {
    /// `f(x)`. Pullback: `x̄ = f′(x)·ȳ`.
    ///
    /// This is one op for every [`Activation`]; value and slope are computed in one pass. A function with kinks, such as
    /// ReLU, drops a cotangent where its slope is 0, even if that is not finite, as in PyTorch.
    pub fn activation(self, f: Activation) -> Self {
        let (value, slope) = f.apply(&self.value());
        let selects = !f.kinks().is_empty();
        self.tape().record(f.name(), [self], value, move |g| {
            [if selects { g.zip("activation", &slope, T::damped) } else { g.mul(&slope) }]
        })
    }

    /// `x·f(gate)` of equal shapes: GLU with the sigmoid as f, SwiGLU with SiLU, GEGLU with GELU, ReGLU with ReLU
    /// (Dauphin et al. 2017; Shazeer 2020). Pullback, for a cotangent g: x gets `f(gate)·g`, the gate `x·f′(gate)·g`.
    ///
    /// ```
    /// use autograd::{Activation, Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let (x, gate) = (tape.leaf(Tensor::full([1, 4], 3.0)), tape.leaf(Tensor::full([1, 4], 0.0)));
    /// assert_eq!(x.gated(gate, Activation::Sigmoid).value().data(), [1.5; 4]);
    /// ```
    #[track_caller]
    pub fn gated(self, gate: Self, f: Activation) -> Self {
        let x = self.value();
        let (open, slope) = f.apply(&gate.value());
        let value = x.zip("gated", &open, |x, open| x * open);
        self.tape().record_each("gated", &[self, gate], value, move |g, parent| match parent {
            0 => g.mul(&open),
            _ => g.mul(&x).mul(&slope),
        })
    }

    /// `eˣ`. Pullback: `x̄ = eˣ·ȳ`.
    pub fn exp(self) -> Self {
        let value = self.value().map(T::exp);
        self.tape().record("exp", [self], value.clone(), move |g| [g.mul(&value)])
    }

    /// `ln x`; −∞ at 0, NaN below 0. Pullback: `x̄ = ȳ/x`.
    pub fn ln(self) -> Self {
        let x = self.value();
        self.tape().record("ln", [self], x.map(T::ln), move |g| [g.div(&x)])
    }

    /// `sin x`; NaN at ±∞. Pullback: `x̄ = cos x·ȳ`.
    pub fn sin(self) -> Self {
        let (value, slope) = self.value().map_pair(
            #[inline(always)]
            |x| (x.sin(), x.cos()),
        );
        self.tape().record("sin", [self], value, move |g| [g.mul(&slope)])
    }

    /// `cos x`; NaN at ±∞. Pullback: `x̄ = −sin x·ȳ`.
    pub fn cos(self) -> Self {
        let (value, slope) = self.value().map_pair(
            #[inline(always)]
            |x| (x.cos(), -x.sin()),
        );
        self.tape().record("cos", [self], value, move |g| [g.mul(&slope)])
    }

    /// `√x`; NaN below 0. Pullback: `x̄ = ȳ/(2√x)`, infinite at 0.
    pub fn sqrt(self) -> Self {
        let value = self.value().map(T::sqrt);
        self.tape().record(
            "sqrt",
            [self],
            value.clone(),
            move |g| [g.zip("sqrt", &value, |g, y| g / (y + y))],
        )
    }

    /// `|x|`. Pullback: `x̄ = sign(x)·ȳ`; 0 at 0 and at NaN, as in PyTorch.
    pub fn abs(self) -> Self {
        let x = self.value();
        self.tape().record("abs", [self], x.map(T::abs), move |g| {
            [g.zip(
                "abs",
                &x,
                #[inline(always)]
                |g, x| match x {
                    x if x > T::ZERO => g,
                    x if x < T::ZERO => -g,
                    _ => T::ZERO,
                },
            )]
        })
    }

    /// `max(x, y)` of equal shapes; NaN where x or y is NaN. Pullback: the larger operand gets the cotangent; at a
    /// tie each gets half, and at NaN each gets all of it, as in PyTorch.
    #[track_caller]
    pub fn maximum(self, other: Self) -> Self {
        let (x, y) = (self.value(), other.value());
        let value = x.zip("maximum", &y, larger);
        self.tape().record("maximum", [self, other], value, move |g| {
            let share = |x: &Tensor<T>, y| select(g, &x.zip("maximum", y, share_above));
            [share(&x, &y), share(&y, &x)]
        })
    }

    /// `min(x, y)` of equal shapes; NaN where x or y is NaN. Pullback: the smaller operand gets the cotangent; at a
    /// tie each gets half, and at NaN each gets all of it, as in PyTorch.
    #[track_caller]
    pub fn minimum(self, other: Self) -> Self {
        let (x, y) = (self.value(), other.value());
        let value = x.zip("minimum", &y, smaller);
        self.tape().record("minimum", [self, other], value, move |g| {
            let share = |x: &Tensor<T>, y| select(g, &x.zip("minimum", y, share_below));
            [share(&x, &y), share(&y, &x)]
        })
    }
}

/// `x + y` of equal shapes. Pullback: both get the cotangent.
impl<T: Real> Add for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn add(self, other: Self) -> Self {
        let value = self.value().add(&other.value());
        self.tape().record("add", [self, other], value, |g| [g.clone(), g.clone()])
    }
}

/// `x − y` of equal shapes. Pullback: x gets the cotangent, y its negative.
impl<T: Real> Sub for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn sub(self, other: Self) -> Self {
        let value = self.value().sub(&other.value());
        self.tape().record_each("sub", &[self, other], value, |g, parent| match parent {
            0 => g.clone(),
            _ => g.map(|g| -g),
        })
    }
}

/// `x·y`, elementwise, of equal shapes. Pullback: each factor gets the cotangent times the other factor.
impl<T: Real> Mul for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn mul(self, other: Self) -> Self {
        let (x, y) = (self.value(), other.value());
        self.tape().record_each("mul", &[self, other], x.mul(&y), move |g, parent| match parent {
            0 => g.mul(&y),
            _ => g.mul(&x),
        })
    }
}

/// `x/y`, elementwise, of equal shapes. Pullback, for a cotangent g: x gets `g/y`, y gets `−(x/y)·g/y`.
impl<T: Real> Div for Var<'_, T> {
    type Output = Self;

    #[track_caller]
    fn div(self, other: Self) -> Self {
        let (x, y) = (self.value(), other.value());
        let value = x.div(&y);
        self.tape().record("div", [self, other], value.clone(), move |g| {
            let above = g.div(&y);
            let below = above.zip("div", &value, |g, quotient| -(g * quotient));
            [above, below]
        })
    }
}

/// `−x`. Pullback: `x̄ = −ȳ`.
impl<T: Real> Neg for Var<'_, T> {
    type Output = Self;

    fn neg(self) -> Self {
        self.tape().record("neg", [self], self.value().map(|x| -x), |g| [g.map(|g| -g)])
    }
}

/// `max(x, y)`: at a tie with half of each slope, at NaN with both.
#[inline(always)]
fn larger<T: Real>(x: T, y: T) -> T {
    if x > y {
        x
    } else if x < y {
        y
    } else if x == y {
        x.tied(y, 0.5)
    } else {
        x + y
    }
}

/// `min(x, y)`: at a tie with half of each slope, at NaN with both.
#[inline(always)]
fn smaller<T: Real>(x: T, y: T) -> T {
    -larger(-x, -y)
}

/// The fraction of the cotangent of `max(x, y)` that x gets.
#[inline(always)]
fn share_above<T: Real>(x: T, y: T) -> T {
    match x {
        x if x < y => T::ZERO,
        x if x == y => T::of(0.5),
        _ => T::ONE,
    }
}

/// The fraction of the cotangent of `min(x, y)` that x gets.
#[inline(always)]
fn share_below<T: Real>(x: T, y: T) -> T {
    share_above(y, x)
}

/// `share·g`, and 0 where the share is 0 even if g is not finite.
fn select<T: Real>(g: &Tensor<T>, share: &Tensor<T>) -> Tensor<T> {
    g.zip("select", share, |g, share| if share > T::ZERO { share * g } else { T::ZERO })
}

#[inline(always)]
#[expect(clippy::eq_op, reason = "the definition of NaN, for any Real")]
pub(super) fn is_nan<T: Real>(x: T) -> bool {
    x != x
}
