//! The values over which a reduction runs: all, the rows or the columns.

use tensor::{Real, Shape, Tensor};

/// The extent of a reduction: all values, or one axis of a matrix.
#[derive(Clone, Copy)]
pub(super) enum ReduceOver {
    /// All values: `→ []`.
    All,
    /// The rows of `[m, n]`: `→ [n]`.
    Rows,
    /// The columns of `[m, n]`: `→ [m]`.
    Columns,
}

impl ReduceOver {
    /// Panics if an axis is to be reduced and the shape is not that of a matrix.
    #[track_caller]
    pub(super) fn check(self, op: &str, shape: &Shape) {
        let fits = matches!(self, Self::All) || shape.matrix().is_some();
        assert!(fits, "{op}: shape {shape} is not a matrix");
    }

    /// `Σ x`.
    #[track_caller]
    pub(super) fn sum<T: Real>(self, x: &Tensor<T>) -> Tensor<T> {
        match self {
            Self::All => x.full_beside([], x.sum()),
            Self::Rows => x.sum_rows(),
            Self::Columns => x.sum_columns(),
        }
    }

    /// `Σ x / n`; NaN if there are no values.
    #[track_caller]
    pub(super) fn mean<T: Real>(self, x: &Tensor<T>) -> Tensor<T> {
        let sum = self.sum(x);
        let count = T::of(self.count(x.shape()) as f64);
        sum.map(move |sum| sum / count)
    }

    /// `x − mean x`.
    #[track_caller]
    pub(super) fn centred<T: Real>(self, x: &Tensor<T>) -> Tensor<T> {
        self.add(x.clone(), &self.mean(x).map(|mean| -mean))
    }

    /// The number of values in one sum, for a shape that [`check`](Self::check) accepts.
    pub(super) fn count(self, shape: &Shape) -> usize {
        match self {
            Self::All => shape.numel(),
            Self::Rows => shape.dims()[0],
            Self::Columns => shape.dims()[1],
        }
    }

    /// The shape of the results, for a shape that [`check`](Self::check) accepts.
    pub(super) fn reduced(self, shape: &Shape) -> Shape {
        match self {
            Self::All => [].into(),
            Self::Rows => [shape.dims()[1]].into(),
            Self::Columns => [shape.dims()[0]].into(),
        }
    }

    /// The index of the result to which the value with index `i` belongs.
    pub(super) fn result(self, i: usize, shape: &Shape) -> usize {
        match self {
            Self::All => 0,
            Self::Rows => i % shape.dims()[1],
            Self::Columns => i / shape.dims()[1],
        }
    }

    /// For each sum that is `wanted`, the power of two just below its largest |x|, by which x can be divided so that squares
    /// neither overflow nor vanish; 1 for the others, and where that |x| is 0 or not finite.
    pub(super) fn powers_of_two<T: Real>(self, x: &Tensor<T>, wanted: impl Fn(usize) -> bool) -> Tensor<T> {
        let mut powers = self.sum(x).map(|_| T::ONE);
        let mut largest = vec![0.0_f64; powers.data().len()];
        let shape = x.shape();
        for (at, x) in x.data().iter().enumerate() {
            let largest = &mut largest[self.result(at, shape)];
            *largest = largest.max(x.to_f64().abs());
        }
        for (group, power) in powers.data_mut().iter_mut().enumerate() {
            if wanted(group) && largest[group] > 0.0 && largest[group].is_finite() {
                // The reciprocal is a normal number too.
                *power = T::of(largest[group].log2().floor().clamp(-126.0, 126.0).exp2());
            }
        }
        powers
    }

    /// The adjoint of [`sum`](Self::sum): `reduced`, repeated for every value that it was reduced from.
    pub(super) fn spread<T: Real>(self, reduced: &Tensor<T>, shape: &Shape) -> Tensor<T> {
        match self {
            Self::All => reduced.full_beside(shape, reduced.item()),
            Self::Rows | Self::Columns => self.add(reduced.full_beside(shape, T::ZERO), reduced),
        }
    }

    /// `x + reduced`, with `reduced` repeated as in [`spread`](Self::spread).
    pub(super) fn add<T: Real>(self, x: Tensor<T>, reduced: &Tensor<T>) -> Tensor<T> {
        match self {
            Self::All => {
                let reduced = reduced.item();
                x.map(move |x| x + reduced)
            }
            Self::Rows => x.add_row(reduced),
            Self::Columns => x.add_column(reduced),
        }
    }

    /// `x·reduced`, with `reduced` repeated as in [`spread`](Self::spread).
    pub(super) fn mul<T: Real>(self, x: Tensor<T>, reduced: &Tensor<T>) -> Tensor<T> {
        match self {
            Self::All => x.scale(reduced.item()),
            Self::Rows => x.mul_row(reduced),
            Self::Columns => x.mul_column(reduced),
        }
    }
}
