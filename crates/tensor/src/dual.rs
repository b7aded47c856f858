//! Dual numbers, which carry a derivative.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::matmul::{Onto, ProductScalar};
use crate::shape::Transposition;
use crate::{Real, Tensor};

/// A dual number `x + ẋ·ε` with ε² = 0: a value and its derivative along one direction.
///
/// It is a [`Real`], so code that is generic over `T: Real` computes `f(x)` and `f′(x)·ẋ` at once when it runs on
/// dual numbers, and reverse mode on a tape of dual numbers computes gradients and their derivatives. Comparisons
/// look at the values only.
///
/// ```
/// use tensor::{Dual, Real};
/// let x = Dual { value: 0.5_f64, slope: 1.0 };
/// let y = x * x.exp();
/// assert!((y.slope - (1.0 + 0.5) * 0.5_f64.exp()).abs() < 1e-15); // (x·eˣ)′ = (1 + x)·eˣ
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<T> {
    /// The value x.
    pub value: T,
    /// The derivative ẋ.
    pub slope: T,
}

impl<T: Real> Dual<T> {
    /// A constant: its slope is 0.
    pub fn constant(value: T) -> Self {
        Self { value, slope: T::ZERO }
    }

    /// The chain rule: `f(x)` with its derivative. A slope of 0, and each part of it that is 0 if it is a dual number
    /// itself, stays 0 even where f′ is infinite.
    #[inline(always)]
    fn chain(self, value: T, derivative: T) -> Self {
        Self { value, slope: derivative.damped(self.slope) }
    }
}

impl<T: Real> Tensor<Dual<T>> {
    /// A tensor of dual numbers with the given values and slopes.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn from_parts(values: &Tensor<T>, slopes: &Tensor<T>) -> Self {
        let (shape, other) = (values.shape(), slopes.shape());
        assert!(shape == other, "from_parts: values have shape {shape}, but slopes have shape {other}");
        let pairs = values.data().iter().zip(slopes.data());
        Self::new(pairs.map(|(&value, &slope)| Dual { value, slope }).collect(), shape.clone())
    }

    /// The values without the slopes.
    pub fn values(&self) -> Tensor<T> {
        Tensor::new(self.data().iter().map(|dual| dual.value).collect(), self.shape().clone())
    }

    /// The slopes without the values.
    pub fn slopes(&self) -> Tensor<T> {
        Tensor::new(self.data().iter().map(|dual| dual.slope).collect(), self.shape().clone())
    }
}

impl<T: Real> PartialEq for Dual<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Real> PartialOrd for Dual<T> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Real> fmt::Display for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {}ε", self.value, self.slope)
    }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, y: Self) -> Self {
        Self { value: self.value + y.value, slope: self.slope + y.slope }
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, y: Self) -> Self {
        Self { value: self.value - y.value, slope: self.slope - y.slope }
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, y: Self) -> Self {
        let (left, right) = (self.chain(self.value, y.value), y.chain(y.value, self.value));
        Self { value: self.value * y.value, slope: left.slope + right.slope }
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, y: Self) -> Self {
        let value = self.value / y.value;
        let (above, below) = (self.chain(value, T::ONE / y.value), y.chain(value, -value / y.value));
        Self { value, slope: above.slope + below.slope }
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { value: -self.value, slope: -self.slope }
    }
}

impl<T: Real> AddAssign for Dual<T> {
    #[inline(always)]
    fn add_assign(&mut self, y: Self) {
        *self = *self + y;
    }
}

impl<T: Real> Sum for Dual<T> {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, x| sum + x)
    }
}

impl<T: Real> Real for Dual<T> {
    const ZERO: Self = Self { value: T::ZERO, slope: T::ZERO };
    const ONE: Self = Self { value: T::ONE, slope: T::ZERO };
    const ROUNDER: Self = Self { value: T::ROUNDER, slope: T::ZERO };

    #[inline(always)]
    fn of(x: f64) -> Self {
        Self::constant(T::of(x))
    }

    /// The value without the slope.
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self.value.to_f64()
    }

    /// The slope at 0 and at NaN is 0.
    #[inline(always)]
    fn abs(self) -> Self {
        let x = self.value;
        let slope = if x > T::ZERO {
            self.slope
        } else if x < T::ZERO {
            -self.slope
        } else {
            T::ZERO
        };
        Self { value: x.abs(), slope }
    }

    #[inline(always)]
    fn damped(self, weight: Self) -> Self {
        // 0 where the weight is 0, and where x does not move, even beside an infinite weight.
        let infinite = weight.value != T::ZERO && weight.value == weight.value + weight.value;
        let moved = if infinite { weight.value.damped(self.slope) } else { self.slope.damped(weight.value) };
        Self { value: self.value.damped(weight.value), slope: moved + self.value.damped(weight.slope) }
    }

    #[inline(always)]
    fn tied(self, other: Self, share: f64) -> Self {
        let (x, y) = (T::of(1.0 - share), T::of(share));
        let slope = x * self.slope + y * other.slope;
        Self { value: self.value.tied(other.value, share), slope }
    }

    #[inline(always)]
    fn next_up(self) -> Self {
        self.chain(self.value.next_up(), T::ONE)
    }

    #[inline(always)]
    fn whole(self) -> u32 {
        self.value.whole()
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, T::of(0.5) / root)
    }

    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        let flat = exponent == 0.0;
        let derivative = if flat { T::ZERO } else { T::of(exponent) * self.value.powf(exponent - 1.0) };
        self.chain(self.value.powf(exponent), derivative)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let e = self.value.exp();
        self.chain(e, e)
    }

    #[inline(always)]
    fn exp_m1(self) -> Self {
        self.chain(self.value.exp_m1(), self.value.exp())
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), T::ONE / self.value)
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        self.chain(self.value.ln_1p(), T::ONE / (T::ONE + self.value))
    }

    #[inline(always)]
    fn sin(self) -> Self {
        self.chain(self.value.sin(), self.value.cos())
    }

    #[inline(always)]
    fn cos(self) -> Self {
        self.chain(self.value.cos(), -self.value.sin())
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        let y = self.value.tanh();
        self.chain(y, T::ONE - y * y)
    }

    #[inline(always)]
    fn erf(self) -> Self {
        let slope = (-(self.value * self.value)).exp() * T::of(std::f64::consts::FRAC_2_SQRT_PI);
        self.chain(self.value.erf(), slope)
    }

    #[inline(always)]
    fn normal(self) -> (Self, Self) {
        let (distribution, density) = self.value.normal();
        (self.chain(distribution, density), self.chain(density, (-self.value).damped(density)))
    }
}

/// `A·B + (A·Ḃ + Ȧ·B)·ε`: three products of real matrices.
impl<T: Real> ProductScalar for Dual<T> {
    fn product(how: Transposition, sizes: [usize; 3], a: &[Self], b: &[Self], out: &mut [Self], onto: Onto) {
        let part = |of: &[Self], pick: fn(&Self) -> T| of.iter().map(pick).collect::<Vec<T>>();
        let [(a, da), (b, db)] = [a, b].map(|x| (part(x, |dual| dual.value), part(x, |dual| dual.slope)));
        let product = |a: &[T], b: &[T]| {
            let mut product = vec![T::ZERO; out.len()];
            T::product(how, sizes, a, b, &mut product, Onto::Nothing);
            product
        };
        let (values, left, right) = (product(&a, &b), product(&da, &b), product(&a, &db));
        for (i, place) in out.iter_mut().enumerate() {
            let here = Self { value: values[i], slope: left[i] + right[i] };
            *place = if onto == Onto::Values { *place + here } else { here };
        }
    }
}
