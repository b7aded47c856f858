//! The tensor, and elementwise arithmetic.

use std::fmt;

use crate::pool::Buffer;
use crate::{Real, Shape, ShapeError};
use crate::{shape, sum};

/// A dense tensor: values in row-major order and their [`Shape`]. Clones share the values; writing to shared values
/// copies them first.
#[derive(Clone)]
pub struct Tensor<T = f32> {
    shape: Shape,
    data: Buffer<T>,
}

impl<T: PartialEq> PartialEq for Tensor<T> {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.data.values() == other.data.values()
    }
}

impl<T: Real> Tensor<T> {
    /// A tensor of the values `data`, in row-major order, with the given shape.
    ///
    /// # Errors
    /// Returns an error if the number of values is not that of the shape.
    pub fn from_vec(data: Vec<T>, shape: impl Into<Shape>) -> Result<Self, ShapeError> {
        let shape = shape.into();
        shape::filled(data.len(), &shape)?;
        Ok(Self::new(data, shape))
    }

    /// [`from_vec`](Self::from_vec) for a caller that knows the number of values to fit.
    pub(crate) fn new(data: Vec<T>, shape: Shape) -> Self {
        assert!(data.len() == shape.numel(), "{} values for shape {shape}", data.len());
        Self { shape, data: Buffer::new(data) }
    }

    /// A tensor whose values `write` sets, in a buffer of the pool that this tensor belongs to. The buffer has old
    /// values, so `write` must set all of them.
    #[inline]
    pub(crate) fn make(&self, shape: Shape, write: impl FnOnce(&mut [T])) -> Self {
        let mut data = self.data.sibling(shape.numel());
        write(data.values_mut());
        Self { shape, data }
    }

    /// [`make`](Self::make) with the pool of `other` if this tensor has none.
    #[inline]
    pub(crate) fn make_with(&self, other: &Self, shape: Shape, write: impl FnOnce(&mut [T])) -> Self {
        let mut data = self.data.or(&other.data).sibling(shape.numel());
        write(data.values_mut());
        Self { shape, data }
    }

    pub(crate) fn buffer_mut(&mut self) -> &mut Buffer<T> {
        &mut self.data
    }

    /// A tensor filled with `value`.
    pub fn full(shape: impl Into<Shape>, value: T) -> Self {
        let shape = shape.into();
        Self::new(vec![value; shape.numel()], shape)
    }

    /// A tensor of zeros.
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Self::full(shape, T::ZERO)
    }

    /// A tensor of one value, with shape `[]`.
    pub fn scalar(value: T) -> Self {
        Self::full([], value)
    }

    /// A tensor filled with `value`, in a buffer of the [`Pool`](crate::Pool) that this tensor belongs to.
    pub fn full_beside(&self, shape: impl Into<Shape>, value: T) -> Self {
        self.make(shape.into(), |values| values.fill(value))
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The values in row-major order.
    pub fn data(&self) -> &[T] {
        self.data.values()
    }

    /// The values in row-major order, to be written; they are copied first if a clone shares them.
    pub fn data_mut(&mut self) -> &mut [T] {
        self.data.values_mut()
    }

    /// The value of a tensor that has exactly one.
    ///
    /// # Panics
    /// Panics if the tensor has no value or several.
    #[track_caller]
    pub fn item(&self) -> T {
        match *self.data() {
            [value] => value,
            _ => panic!("item: shape {} does not hold exactly one value", self.shape),
        }
    }

    /// The same values with another shape; they are shared.
    ///
    /// # Panics
    /// Panics if the shapes have different numbers of values.
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        shape::expect(shape::reshaped(&self.shape, &shape));
        Self { shape, data: self.data.clone() }
    }

    /// The values converted to another number type.
    pub fn cast<U: Real>(&self) -> Tensor<U> {
        let data = self.data().iter().map(|x| U::of(x.to_f64())).collect();
        Tensor::new(data, self.shape.clone())
    }

    /// `f(x)` for every value. Mark a longer `f` `#[inline(always)]`, or it is not vectorised.
    #[inline]
    pub fn map(&self, f: impl Fn(T) -> T) -> Self {
        self.make(self.shape.clone(), |ys| {
            let xs = self.data();
            T::dispatch(
                #[inline(always)]
                move || {
                    for (&x, y) in xs.iter().zip(ys) {
                        *y = f(x);
                    }
                },
            );
        })
    }

    /// Both results of `f(x)` for every value: two tensors from one pass.
    #[inline]
    pub fn map_pair(&self, f: impl Fn(T) -> (T, T)) -> (Self, Self) {
        let mut second = self.make(self.shape.clone(), |_| {});
        let first = self.make(self.shape.clone(), |firsts| {
            let (xs, seconds) = (self.data(), second.data_mut());
            T::dispatch(
                #[inline(always)]
                move || {
                    for ((&x, a), b) in xs.iter().zip(firsts).zip(seconds) {
                        (*a, *b) = f(x);
                    }
                },
            );
        });
        (first, second)
    }

    /// `f(x, y)` for the values of two tensors of the same shape. A panic message names the operation `op`.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    #[inline]
    pub fn zip(&self, op: &str, other: &Self, f: impl Fn(T, T) -> T) -> Self {
        let shape = shape::expect(shape::same(op, &self.shape, &other.shape));
        self.make_with(other, shape, |zs| {
            let (xs, ys) = (self.data(), other.data());
            T::dispatch(
                #[inline(always)]
                move || {
                    for ((&x, &y), z) in xs.iter().zip(ys).zip(zs) {
                        *z = f(x, y);
                    }
                },
            );
        })
    }

    /// `x + y`.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn add(&self, other: &Self) -> Self {
        self.zip("add", other, |x, y| x + y)
    }

    /// `x − y`.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn sub(&self, other: &Self) -> Self {
        self.zip("sub", other, |x, y| x - y)
    }

    /// `x·y`, elementwise.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn mul(&self, other: &Self) -> Self {
        self.zip("mul", other, |x, y| x * y)
    }

    /// `x/y`, elementwise.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn div(&self, other: &Self) -> Self {
        self.zip("div", other, |x, y| x / y)
    }

    /// `factor·x`.
    pub fn scale(&self, factor: T) -> Self {
        self.map(|x| factor * x)
    }

    /// Adds `other` in place; the values are copied first if a clone shares them.
    ///
    /// # Panics
    /// Panics if the shapes differ.
    #[track_caller]
    pub fn add_assign(&mut self, other: &Self) {
        shape::expect(shape::same("add_assign", &self.shape, &other.shape));
        let (xs, ys) = (self.data_mut(), other.data());
        T::dispatch(
            #[inline(always)]
            move || {
                for (x, &y) in xs.iter_mut().zip(ys) {
                    *x += y;
                }
            },
        );
    }

    /// `Σ x`, by pairwise summation, so that long sums keep their digits; 0 for an empty tensor. The error for n values is
    /// at most `(⌈log₂ n⌉ + 11)·ε/2·Σ|x|`, to first order in ε.
    pub fn sum(&self) -> T {
        sum::sum(self.data())
    }
}

/// The shape and the first 16 values.
impl<T: Real> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 16;
        write!(f, "Tensor {} ", self.shape)?;
        match self.data().get(SHOWN..) {
            None | Some([]) => write!(f, "{:?}", self.data()),
            Some(rest) => write!(f, "{:?} and {} more", &self.data()[..SHOWN], rest.len()),
        }
    }
}
