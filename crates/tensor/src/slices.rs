//! The arithmetic of a fully connected network on plain slices, into room that the caller keeps.
//!
//! For small networks, whose arithmetic takes less time than the bookkeeping of tensors. Each function has the bits of the
//! operation of [`Tensor`](crate::Tensor) that it is named after. Matrices are in row-major order.

use crate::matmul::Onto;
use crate::shape::Transposition;
use crate::{Activation, Real, simd, sum};

/// `out = x·w + b`, of `x [m, k]`, `w [k, n]`, and `b [n]` in every row: [`matmul_add_row`](crate::Tensor::matmul_add_row).
///
/// # Panics
/// Panics if a slice has not the length that the sizes give.
pub fn matmul_add_row<T: Real>([m, k, n]: [usize; 3], x: &[T], w: &[T], b: &[T], out: &mut [T]) {
    out.chunks_exact_mut(n.max(1)).for_each(|line| line.copy_from_slice(b));
    T::product(Transposition::Nn, [m, k, n], x, w, out, Onto::Values);
}

/// `out = a·bᵀ`, of `a [m, k]` and `b [n, k]`: [`matmul_nt`](crate::Tensor::matmul_nt).
///
/// # Panics
/// As [`matmul_add_row`].
pub fn matmul_nt<T: Real>(sizes: [usize; 3], a: &[T], b: &[T], out: &mut [T]) {
    T::product(Transposition::Nt, sizes, a, b, out, Onto::Nothing);
}

/// `out = aᵀ·b`, of `a [k, m]` and `b [k, n]`: [`matmul_tn`](crate::Tensor::matmul_tn), if m or n is below 1024.
///
/// # Panics
/// As [`matmul_add_row`].
pub fn matmul_tn<T: Real>(sizes: [usize; 3], a: &[T], b: &[T], out: &mut [T]) {
    T::product(Transposition::Tn, sizes, a, b, out, Onto::Nothing);
}

/// The values and slopes of an activation: [`Activation::apply`].
pub fn activate<T: Real>(f: Activation, x: &[T], values: &mut [T], slopes: &mut [T]) {
    T::apply(f, x, values, slopes);
}

/// Replaces each row of n values by `x − ln Σ eˣ`: [`log_softmax_rows`](crate::Tensor::log_softmax_rows). `exps` is room for
/// as many values.
pub fn log_softmax_rows<T: Real>(n: usize, values: &mut [T], exps: &mut [T]) {
    distances_with_exps(n, values, exps);
    let n = n.max(1);
    T::dispatch(
        #[inline(always)]
        || {
            let rows = values.len() / n;
            // The sum of row i takes the place of a value of row i/n, which has been added up.
            for i in 0..rows {
                exps[i] = sum::sum(&exps[i * n..][..n]);
            }
            for sum in &mut exps[..rows] {
                *sum = sum.ln();
            }
            // Not x − (largest + ln Σ): added to a large logit, the logarithm would lose its digits.
            for (row, &log_sum) in values.chunks_exact_mut(n).zip(&exps[..rows]) {
                for distance in row {
                    *distance = *distance - log_sum;
                }
            }
        },
    );
}

/// Replaces each row of n values by the probabilities `eˣ / Σ eˣ`: [`softmax_rows`](crate::Tensor::softmax_rows).
pub(crate) fn softmax_rows<T: Real>(n: usize, values: &mut [T], exps: &mut [T]) {
    distances_with_exps(n, values, exps);
    let n = n.max(1);
    T::dispatch(
        #[inline(always)]
        || {
            for (row, exps) in values.chunks_exact_mut(n).zip(exps.chunks_exact(n)) {
                let sum = sum::sum(exps);
                for (x, &exp) in row.iter_mut().zip(exps) {
                    *x = exp / sum;
                }
            }
        },
    );
}

/// Replaces the values by their distances from the largest of their row, and sets `exps` to the exponentials of these.
///
/// All exponentials are computed in one pass over the matrix. Row by row, the values left over after whole
/// vectors of 8, such as 3 of 27 logits, would cost as much as the others.
fn distances_with_exps<T: Real>(n: usize, values: &mut [T], exps: &mut [T]) {
    let n = n.max(1);
    T::dispatch(
        #[inline(always)]
        || {
            for row in values.chunks_exact_mut(n) {
                let largest = largest(row);
                for x in row {
                    *x = *x - largest;
                }
            }
        },
    );
    map(values, exps, T::exp);
}

/// The largest value. NaN if the first value is NaN; a NaN in any other position is skipped.
#[inline(always)]
fn largest<T: Real>(values: &[T]) -> T {
    simd::simd_fold(values, values[0], |largest, x| if x > largest { x } else { largest })
}

/// `y = f(x)` for every value: [`map`](crate::Tensor::map).
#[inline]
pub fn map<T: Real>(xs: &[T], ys: &mut [T], f: impl Fn(T) -> T) {
    T::dispatch(
        #[inline(always)]
        move || {
            for (&x, y) in xs.iter().zip(ys) {
                *y = f(x);
            }
        },
    );
}

/// `x = f(x, y)` for the values of two slices: [`zip`](crate::Tensor::zip), in the place of the first.
#[inline]
pub fn zip<T: Real>(xs: &mut [T], ys: &[T], f: impl Fn(T, T) -> T) {
    T::dispatch(
        #[inline(always)]
        move || {
            for (x, &y) in xs.iter_mut().zip(ys) {
                *x = f(*x, y);
            }
        },
    );
}

/// `Σ x`: [`sum`](crate::Tensor::sum).
pub fn sum<T: Real>(x: &[T]) -> T {
    sum::sum(x)
}

/// Sets `sums` to the sum of the rows: [`sum_rows`](crate::Tensor::sum_rows).
pub fn sum_rows<T: Real>(values: &[T], sums: &mut [T]) {
    T::dispatch(
        #[inline(always)]
        move || sum::sum_lines(values, values, sums, &mut Vec::new(), |x, _, _| x),
    );
}

/// Copies the rows of n values with the given indices: [`gather_rows`](crate::Tensor::gather_rows).
///
/// # Panics
/// Panics if a row is not there.
pub fn gather_rows<T: Real>(n: usize, table: &[T], indices: &[usize], out: &mut [T]) {
    for (line, &index) in out.chunks_exact_mut(n.max(1)).zip(indices) {
        line.copy_from_slice(&table[index * n..(index + 1) * n]);
    }
}

/// The largest number of lines that a pairwise sum adds one after the other.
const FEW: usize = 3;

/// Sets `out` to rows of n values, to whose row `indices[i]` row `i` of `values` is added:
/// [`scatter_rows`](crate::Tensor::scatter_rows).
///
/// # Panics
/// Panics if there are not as many indices as rows, or a row is not there.
pub fn scatter_rows<T: Real>(n: usize, values: &[T], indices: &[usize], out: &mut [T]) {
    let mut counts = vec![0; out.len() / n.max(1)];
    for &index in indices {
        counts[index] += 1;
    }
    out.fill(T::ZERO);
    let mut many = 0;
    for (line, &index) in indices.iter().enumerate() {
        if counts[index] > FEW {
            many += 1;
        } else {
            let from = &values[line * n..][..n];
            out[index * n..][..n].iter_mut().zip(from).for_each(|(sum, &x)| *sum += x);
        }
    }
    if many == 0 {
        return;
    }
    let grouped = group(indices, counts, many);
    T::dispatch(
        #[inline(always)]
        move || {
            let mut waiting = Vec::new();
            for lines in grouped.chunk_by(|&a, &b| indices[a] == indices[b]) {
                let sums = &mut out[indices[lines[0]] * n..][..n];
                sum::sum_lines_at(values, lines, sums, &mut waiting);
            }
        },
    );
}

/// The lines of the indices that occur more than [`FEW`] times, `many` in all, in ascending order of the index and then of
/// the line: a counting sort.
fn group(indices: &[usize], counts: Vec<usize>, many: usize) -> Vec<usize> {
    let (mut grouped, mut places, mut place) = (vec![0; many], counts, 0);
    for entry in &mut places {
        let count = *entry;
        // Other indices have their place beyond the end.
        *entry = if count > FEW { place } else { many };
        place += if count > FEW { count } else { 0 };
    }
    for (line, &index) in indices.iter().enumerate() {
        if let Some(entry) = grouped.get_mut(places[index]) {
            *entry = line;
            places[index] += 1;
        }
    }
    grouped
}
