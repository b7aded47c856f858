//! Matrix products through faer.

use faer::linalg::matmul::matmul;
use faer::prelude::ReborrowMut;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};

use crate::shape::{self, Transposition};
use crate::{Real, Tensor, simd, slices, small, threads};

/// Row-major matrix products of one number type, with either factor read transposed.
pub(crate) trait ProductScalar: Sized {
    /// `out = a·b` or `out += a·b`, of `out [m, n]` and inner size k; `sizes` is `[m, k, n]`.
    fn product(how: Transposition, sizes: [usize; 3], a: &[Self], b: &[Self], out: &mut [Self], onto: Onto);
}

/// The treatment of the values that the output of a product already has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Onto {
    /// They are overwritten.
    Nothing,
    /// The product is added to them.
    Values,
}

impl ProductScalar for f32 {
    fn product(how: Transposition, sizes: [usize; 3], a: &[Self], b: &[Self], out: &mut [Self], onto: Onto) {
        if !small::product(how, sizes, a, b, out, onto == Onto::Values) {
            by_faer(how, sizes, a, b, out, onto, &1.0);
        }
    }
}

impl ProductScalar for f64 {
    fn product(how: Transposition, sizes: [usize; 3], a: &[Self], b: &[Self], out: &mut [Self], onto: Onto) {
        by_faer(how, sizes, a, b, out, onto, &1.0);
    }
}

/// A product through faer.
fn by_faer<T: ComplexField>(
    how: Transposition,
    [m, k, n]: [usize; 3],
    a: &[T],
    b: &[T],
    out: &mut [T],
    onto: Onto,
    one: &T,
) {
    let (a, b) = match how {
        Transposition::Nn => (row_major(a, m, k), row_major(b, k, n)),
        Transposition::Nt => (row_major(a, m, k), row_major(b, n, k).transpose()),
        Transposition::Tn => (row_major(a, k, m).transpose(), row_major(b, k, n)),
        Transposition::Tt => (row_major(a, k, m).transpose(), row_major(b, n, k).transpose()),
    };
    let blocks = blocks(how, m, k);
    let out = MatMut::from_row_major_slice_mut(out, m, n);
    in_bands(out, a, b, bands(m, k, n), &|mut out: MatMut<'_, T>, a, b| {
        for i in 0..blocks {
            let (start, end) = (i * k / blocks, (i + 1) * k / blocks);
            let add = i > 0 || onto == Onto::Values;
            let accumulate = if add { Accum::Add } else { Accum::Replace };
            let (a, b) = (a.subcols(start, end - start), b.subrows(start, end - start));
            matmul(out.rb_mut(), accumulate, a, b, one.clone(), Par::Seq);
        }
        simd::clear_upper_halves();
    });
}

/// The number of bands in which a product is computed: one per thread if there is enough work, else one.
fn bands(m: usize, k: usize, n: usize) -> usize {
    /// The number of multiply-adds from which threads pay off. Below it, callers run whole networks in parallel.
    const LARGE: usize = 1 << 22;
    /// The smallest height or width of a band; faer adds up a single row in another order.
    const FEWEST: usize = 16;
    if m * k * n < LARGE { 1 } else { threads::count().min(m.max(n) / FEWEST).max(1) }
}

/// Calls `run(out, a, b)` in parallel for the given number of bands of columns, or of rows if there are more rows.
///
/// The longer axis is cut, because each band packs all of the other factor. Each value is computed as it would be
/// without bands, so the bits do not depend on their number.
fn in_bands<T: Send + Sync>(
    out: MatMut<'_, T>,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    bands: usize,
    run: &(impl Fn(MatMut<'_, T>, MatRef<'_, T>, MatRef<'_, T>) + Sync),
) {
    if bands == 1 {
        return run(out, a, b);
    }
    let few = bands / 2;
    let (one, other) = if out.ncols() >= out.nrows() {
        let cut = out.ncols() * few / bands;
        let ((left, right), (b_left, b_right)) = (out.split_at_col_mut(cut), b.split_at_col(cut));
        ((left, a, b_left), (right, a, b_right))
    } else {
        let cut = out.nrows() * few / bands;
        let ((above, below), (a_above, a_below)) = (out.split_at_row_mut(cut), a.split_at_row(cut));
        ((above, a_above, b), (below, a_below, b))
    };
    threads::join(
        || in_bands(one.0, one.1, one.2, few, run),
        || in_bands(other.0, other.1, other.2, bands - few, run),
    );
}

/// The number of blocks into which the inner axis is split; their products are added up.
///
/// faer is slow if the inner axis is long and there are few rows, or the first factor is transposed. Blocks of 128
/// took `[130, 512]·[512, 512]` from 802 to 655 µs, `[32, 512]·[512, 512]` from 231 to 180 µs, `aᵀ·b` of 512³ from
/// 6.9 to 3.2 ms and of 1024³ from 68 to 37 ms. Other large products would lose a tenth, so they are not split.
fn blocks(how: Transposition, m: usize, k: usize) -> usize {
    let transposed = matches!(how, Transposition::Tn | Transposition::Tt);
    if k >= 512 && (transposed || m <= 256) { k.div_ceil(128) } else { 1 }
}

/// The number of columns of both factors from which `aᵀ·b` stores `aᵀ` first, because faer reads a transposed factor
/// with large strides. With two factors of `[130, 1024]` this takes 2.9 ms instead of 3.6, with 1024³ 26 ms instead
/// of 31; with `[130, 512]` it gains nothing.
const STORED_TRANSPOSE: usize = 1024;

fn row_major<T>(data: &[T], rows: usize, columns: usize) -> MatRef<'_, T> {
    MatRef::from_row_major_slice(data, rows, columns)
}

impl<T: Real> Tensor<T> {
    /// `a·b`: `[m, k] · [k, n] → [m, n]`.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul(&self, b: &Self) -> Self {
        self.product(Transposition::Nn, b)
    }

    /// `a·bᵀ`: `[m, k] · [n, k] → [m, n]`, without storing the transpose.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_nt(&self, b: &Self) -> Self {
        self.product(Transposition::Nt, b)
    }

    /// `aᵀ·b`: `[k, m] · [k, n] → [m, n]`, without storing the transpose.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_tn(&self, b: &Self) -> Self {
        self.product(Transposition::Tn, b)
    }

    /// `aᵀ·bᵀ`: `[k, m] · [n, k] → [m, n]`, without storing a transpose.
    ///
    /// # Panics
    /// Panics if a factor is not a matrix, or the inner sizes differ.
    #[track_caller]
    pub fn matmul_tt(&self, b: &Self) -> Self {
        self.product(Transposition::Tt, b)
    }

    /// `a·b + row`: `[m, k] · [k, n] + [n] → [m, n]`, the row added to every row.
    ///
    /// # Panics
    /// Panics if the shapes are not these three.
    #[track_caller]
    pub fn matmul_add_row(&self, b: &Self, row: &Self) -> Self {
        let (out_shape, k) = shape::expect(shape::product(Transposition::Nn, self.shape(), b.shape()));
        let (m, n) = shape::expect(shape::row("matmul_add_row", &out_shape, row.shape()));
        self.make_with(b, out_shape, |out| {
            slices::matmul_add_row([m, k, n], self.data(), b.data(), row.data(), out);
        })
    }

    #[track_caller]
    fn product(&self, how: Transposition, b: &Self) -> Self {
        let (out_shape, k) = shape::expect(shape::product(how, self.shape(), b.shape()));
        let &[m, n] = out_shape.dims() else { unreachable!("a product is a matrix") };
        if how == Transposition::Tn && m.min(n) >= STORED_TRANSPOSE {
            return self.transpose().product(Transposition::Nn, b);
        }
        self.make_with(b, out_shape, |out| {
            T::product(how, [m, k, n], self.data(), b.data(), out, Onto::Nothing);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::STORED_TRANSPOSE;
    use crate::Tensor;

    fn whole(rows: usize, columns: usize, by: usize) -> Tensor {
        let values = (0..rows * columns).map(|i| (i * by % 17) as f32 - 8.0).collect();
        Tensor::from_vec(values, [rows, columns]).expect("a matrix")
    }

    #[test]
    fn a_transposed_factor_that_is_stored_first_gives_the_same() {
        let (m, n) = (STORED_TRANSPOSE + 1, STORED_TRANSPOSE);
        let (a, b) = (whole(2, m, 5), whole(2, n, 3));
        let product = a.matmul_tn(&b);
        let exact = |i: usize, j: usize| a.data()[i] * b.data()[j] + a.data()[m + i] * b.data()[n + j];
        let wrong = (0..m * n).find(|at| product.data()[*at] != exact(at / n, at % n));
        assert_eq!((product.shape().dims(), wrong), (&[m, n][..], None));
    }

    /// Values of all signs, with zeros, −0, infinities and NaN among them if asked.
    fn mixed(count: usize, by: usize, special: bool) -> Vec<f32> {
        let value = |i: usize| match (i * by) % 97 {
            0 if special => f32::INFINITY,
            1 if special => f32::NAN,
            2 => 0.0,
            3 => -0.0,
            x => (x as f32 - 48.0) / 3.0,
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn small_products_have_the_bits_of_faers() {
        use super::{Onto, ProductScalar, Transposition::*, by_faer};
        let bits = |values: &[f32]| -> Vec<u32> {
            values.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
        };
        let sizes = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 27, 32, 33, 64, 65];
        let mut small = 0;
        for m in sizes {
            for k in sizes {
                for n in sizes.into_iter().filter(|n| m * k * n <= 20_000) {
                    for how in [Nn, Nt, Tn, Tt] {
                        for (onto, special) in
                            [(Onto::Nothing, false), (Onto::Values, false), (Onto::Values, true)]
                        {
                            let (a, b, first) = (
                                mixed(m * k, 31, special),
                                mixed(k * n, 53, special),
                                mixed(m * n, 11, false),
                            );
                            let (mut ours, mut theirs, mut other) = (first.clone(), first.clone(), first);
                            f32::product(how, [m, k, n], &a, &b, &mut ours, onto);
                            by_faer(how, [m, k, n], &a, &b, &mut theirs, onto, &1.0);
                            assert_eq!(bits(&ours), bits(&theirs), "{how:?} {m} {k} {n}");
                            let add = onto == Onto::Values;
                            small +=
                                usize::from(crate::small::product(how, [m, k, n], &a, &b, &mut other, add));
                        }
                    }
                }
            }
        }
        assert!(small > 1000 || crate::instruction_set() == "baseline", "{small} of them were small");
    }

    /// The values are thirds, so that sums are rounded; the sizes are not multiples of a band's.
    #[cfg(feature = "rayon")]
    #[test]
    fn large_products_have_the_same_bits_on_any_number_of_threads() {
        let thirds = |rows, columns, by| whole(rows, columns, by).map(|x| x / 3.0);
        let all = |threads: usize| -> Vec<Vec<f32>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let product = |[m, k, n]: [usize; 3]| {
                let (a, b, row) = (thirds(m, k, 5), thirds(k, n, 7), thirds(1, n, 11).reshape([n]));
                let (a_t, b_t) = (a.transpose(), b.transpose());
                let nn = [a.matmul(&b), a.matmul_add_row(&b, &row)];
                let others = [a.matmul_nt(&b_t), a_t.matmul_tn(&b), a_t.matmul_tt(&b_t)];
                nn.into_iter().chain(others).map(|product| product.data().to_vec()).collect::<Vec<_>>()
            };
            let sizes = [
                [130, 512, 512],
                [131, 1100, 77],
                [515, 130, 259],
                [33, 1100, 200],
                [2, 1500, 1500],
                [1030, 9, 1025],
            ];
            assert!(
                pool.install(|| sizes.iter().all(|&[m, k, n]| super::bands(m, k, n) > 1 || threads == 1))
            );
            pool.install(|| sizes.into_iter().flat_map(product).collect())
        };
        let alone = all(1);
        for threads in [2, 3, 7] {
            let together = all(threads);
            let other: Vec<usize> = (0..alone.len()).filter(|&at| together[at] != alone[at]).collect();
            assert_eq!(other, [0_usize; 0], "{threads} threads");
        }
        let mut other = alone;
        other[0][0] = other[0][0].next_up();
        assert!(all(1) != other, "a difference of one bit is detected");
    }
}
