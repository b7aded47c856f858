//! The tensor itself, and everything elementwise.

use std::fmt;
use std::sync::Arc;

use crate::{Real, Shape, ShapeError, simd};
use crate::{shape, sum};

/// Values of a [`Shape`] in row-major order. A clone shares them; writing to a shared one copies first.
#[derive(Clone, PartialEq)]
pub struct Tensor<T = f32> {
    shape: Shape,
    data: Arc<Vec<T>>,
}

impl<T: Real> Tensor<T> {
    /// The values `data` in row-major order, as `shape`.
    ///
    /// # Errors
    /// If `shape` holds another number of values than `data`.
    pub fn from_vec(data: Vec<T>, shape: impl Into<Shape>) -> Result<Self, ShapeError> {
        let shape = shape.into();
        shape::filled(data.len(), &shape)?;
        Ok(Self::new(data, shape))
    }

    /// The values `data`, whose number the caller knows to be right.
    pub(crate) fn new(data: Vec<T>, shape: Shape) -> Self {
        assert!(data.len() == shape.numel(), "{} values for shape {shape}", data.len());
        Self { shape, data: Arc::new(data) }
    }

    /// `value` everywhere.
    pub fn full(shape: impl Into<Shape>, value: T) -> Self {
        let shape = shape.into();
        Self::new(vec![value; shape.numel()], shape)
    }

    /// Zero everywhere.
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Self::full(shape, T::ZERO)
    }

    /// One value, shape `[]`.
    pub fn scalar(value: T) -> Self {
        Self::full([], value)
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The values in row-major order.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// The values in row-major order, to write; copies them first when a clone shares them.
    pub fn data_mut(&mut self) -> &mut [T] {
        Arc::make_mut(&mut self.data).as_mut_slice()
    }

    /// The only value of a tensor that holds one.
    ///
    /// # Panics
    /// If it holds any other number.
    #[track_caller]
    pub fn item(&self) -> T {
        match *self.data() {
            [value] => value,
            _ => panic!("item: shape {} does not hold exactly one value", self.shape),
        }
    }

    /// The same values as another shape of the same size; shares them.
    ///
    /// # Panics
    /// If the sizes differ.
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        shape::expect(shape::reshaped(&self.shape, &shape));
        Self { shape, data: Arc::clone(&self.data) }
    }

    /// The same values in another precision.
    pub fn cast<U: Real>(&self) -> Tensor<U> {
        let data = self.data().iter().map(|x| U::of(x.to_f64())).collect();
        Tensor::new(data, self.shape.clone())
    }

    /// `f(x)` for every value; mark a longer `f` `#[inline(always)]`, or it stays outside the vector code.
    #[inline]
    pub fn map(&self, f: impl Fn(T) -> T) -> Self {
        let mut out = vec![T::ZERO; self.data.len()];
        let (xs, ys) = (self.data(), out.as_mut_slice());
        simd::dispatch(
            #[inline(always)]
            move || {
                for (&x, y) in xs.iter().zip(ys) {
                    *y = f(x);
                }
            },
        );
        Self::new(out, self.shape.clone())
    }

    /// Both parts of `f(x)` for every value: two tensors from one pass.
    #[inline]
    pub fn map_pair(&self, f: impl Fn(T) -> (T, T)) -> (Self, Self) {
        let mut first = vec![T::ZERO; self.data.len()];
        let mut second = vec![T::ZERO; self.data.len()];
        let (xs, firsts, seconds) = (self.data(), first.as_mut_slice(), second.as_mut_slice());
        simd::dispatch(
            #[inline(always)]
            move || {
                for ((&x, a), b) in xs.iter().zip(firsts).zip(seconds) {
                    (*a, *b) = f(x);
                }
            },
        );
        (Self::new(first, self.shape.clone()), Self::new(second, self.shape.clone()))
    }

    /// `f(x, y)` for the values of two tensors of one shape; `op` names the operation in a panic.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    #[inline]
    pub fn zip(&self, op: &str, other: &Self, f: impl Fn(T, T) -> T) -> Self {
        let shape = shape::expect(shape::same(op, &self.shape, &other.shape));
        let mut out = vec![T::ZERO; self.data.len()];
        let (xs, ys, zs) = (self.data(), other.data(), out.as_mut_slice());
        simd::dispatch(
            #[inline(always)]
            move || {
                for ((&x, &y), z) in xs.iter().zip(ys).zip(zs) {
                    *z = f(x, y);
                }
            },
        );
        Self::new(out, shape)
    }

    /// `x + y`.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn add(&self, other: &Self) -> Self {
        self.zip("add", other, |x, y| x + y)
    }

    /// `x − y`.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn sub(&self, other: &Self) -> Self {
        self.zip("sub", other, |x, y| x - y)
    }

    /// `x · y`, value by value.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn mul(&self, other: &Self) -> Self {
        self.zip("mul", other, |x, y| x * y)
    }

    /// `x / y`, value by value.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn div(&self, other: &Self) -> Self {
        self.zip("div", other, |x, y| x / y)
    }

    /// `factor · x`.
    pub fn scale(&self, factor: T) -> Self {
        self.map(|x| factor * x)
    }

    /// Adds `other` in place; copies first when a clone shares the values.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn add_assign(&mut self, other: &Self) {
        shape::expect(shape::same("add_assign", &self.shape, &other.shape));
        let values = Arc::make_mut(&mut self.data);
        simd::dispatch(
            #[inline(always)]
            || {
                for (x, &y) in values.iter_mut().zip(other.data()) {
                    *x += y;
                }
            },
        );
    }

    /// `Σ x`, pairwise in blocks, so that long sums keep their digits; 0 for an empty tensor.
    pub fn sum(&self) -> T {
        sum::sum(self.data())
    }
}

/// The shape, and the values while they are few.
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
