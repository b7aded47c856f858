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
