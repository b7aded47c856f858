//! The largest and the smallest of all values, of the rows and of the columns, and the indices of the largest.
//!
//! The gradient is that of `torch.amax`: values that tie get equal shares. PyTorch's `max(dim)` gives all of it to one
//! of them, whose index depends on the order; equal shares do not, and are what [`Var::maximum`] does with two.

use tensor::{Real, Tensor};

use super::elementwise::is_nan;
use super::reduce_over::ReduceOver;
use crate::Var;

impl<T: Real> Var<'_, T> {
    /// The largest value `→ []`; NaN if any is NaN. Pullback: the largest gets `ȳ`, and k values that tie get `ȳ/k`, as
    /// in PyTorch; every value gets NaN if the result is NaN.
    ///
    /// # Panics
    /// Panics if there are no values.
    #[track_caller]
    pub fn max(self) -> Self {
        self.extreme("max", ReduceOver::All, |x, y| x > y)
    }

    /// The smallest value `→ []`; NaN if any is NaN. Pullback: that of [`max`](Self::max).
    ///
    /// # Panics
    /// Panics if there are no values.
    #[track_caller]
    pub fn min(self) -> Self {
        self.extreme("min", ReduceOver::All, |x, y| x < y)
    }

    /// The largest value of the rows, column by column: `[m, n] → [n]`. Pullback: that of [`max`](Self::max).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn max_rows(self) -> Self {
        self.extreme("max_rows", ReduceOver::Rows, |x, y| x > y)
    }

    /// The smallest value of the rows, column by column: `[m, n] → [n]`. Pullback: that of [`max`](Self::max).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn min_rows(self) -> Self {
        self.extreme("min_rows", ReduceOver::Rows, |x, y| x < y)
    }

    /// The largest value of the columns, row by row: `[m, n] → [m]`. Pullback: that of [`max`](Self::max).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn max_columns(self) -> Self {
        self.extreme("max_columns", ReduceOver::Columns, |x, y| x > y)
    }

    /// The smallest value of the columns, row by row: `[m, n] → [m]`. Pullback: that of [`max`](Self::max).
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn min_columns(self) -> Self {
        self.extreme("min_columns", ReduceOver::Columns, |x, y| x < y)
    }

    /// The index of the largest value of each column, among the rows: `[m, n] →` n indices. The first of several that
    /// tie, and of the first NaN if there is one, as in PyTorch. Indices have no gradient.
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn argmax_rows(self) -> Vec<usize> {
        first_largest("argmax_rows", ReduceOver::Rows, &self.value())
    }

    /// The index of the largest value of each row, among the columns: `[m, n] →` m indices, such as the predicted
    /// classes of logits. The first of several that tie, and of the first NaN if there is one, as in PyTorch. Indices
    /// have no gradient.
    ///
    /// ```
    /// use autograd::{Tape, Tensor};
    ///
    /// let tape = Tape::<f64>::new();
    /// let logits = tape.leaf(Tensor::from_vec(vec![0.1, 2.0, 1.0, 3.0, -1.0, 3.0], [2, 3])?);
    /// assert_eq!(logits.argmax_columns(), [1, 0]);
    /// # Ok::<(), autograd::ShapeError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if this is not a matrix, or has no values.
    #[track_caller]
    pub fn argmax_columns(self) -> Vec<usize> {
        first_largest("argmax_columns", ReduceOver::Columns, &self.value())
    }

    /// The value that `beats` all others.
    #[track_caller]
    fn extreme(self, op: &'static str, over: ReduceOver, beats: fn(T, T) -> bool) -> Self {
        let x = self.value();
        let (value, ties) = best(op, over, &x, beats);
        self.tape().record(op, [self], value.clone(), move |g| {
            let mut cotangent = x.clone();
            for (i, entry) in cotangent.data_mut().iter_mut().enumerate() {
                let to = over.result(i, x.shape());
                let best = value.data()[to];
                *entry = if *entry == best {
                    g.data()[to] / T::of(ties[to])
                } else if is_nan(best) {
                    T::of(f64::NAN)
                } else {
                    T::ZERO
                };
            }
            [cotangent]
        })
    }
}

/// The values that `beat` all others, each with the mean of the derivatives of those that tie, and the number of
/// these. NaN beats all others.
#[track_caller]
pub(super) fn best<T: Real>(
    op: &str,
    over: ReduceOver,
    x: &Tensor<T>,
    beats: fn(T, T) -> bool,
) -> (Tensor<T>, Vec<f64>) {
    over.check(op, x.shape());
    assert!(x.shape().numel() > 0, "{op}: shape {} has no values", x.shape());
    let mut values = x.full_beside(over.reduced(x.shape()), T::ZERO);
    let mut ties = vec![0.0; values.data().len()];
    let results = values.data_mut();
    for (i, &entry) in x.data().iter().enumerate() {
        let to = over.result(i, x.shape());
        let (best, ties) = (&mut results[to], &mut ties[to]);
        if is_nan(entry) {
            // The square's derivative is NaN too.
            (*best, *ties) = (entry * entry, 1.0);
        } else if *ties == 0.0 || beats(entry, *best) {
            (*best, *ties) = (entry, 1.0);
        } else if entry == *best {
            *ties += 1.0;
            *best = best.tied(entry, 1.0 / *ties);
        }
    }
    (values, ties)
}

/// The index of the first largest value, or of the first NaN, along the axis.
#[track_caller]
fn first_largest<T: Real>(op: &str, over: ReduceOver, x: &Tensor<T>) -> Vec<usize> {
    let (largest, _) = best(op, over, x, |x, y| x > y);
    let (largest, columns) = (largest.data(), x.shape().dims()[1]);
    let mut first = vec![None; largest.len()];
    for (i, &entry) in x.data().iter().enumerate() {
        let to = over.result(i, x.shape());
        if first[to].is_none() && (entry == largest[to] || is_nan(entry)) {
            first[to] = Some(if let ReduceOver::Rows = over { i / columns } else { i % columns });
        }
    }
    first.into_iter().flatten().collect()
}
