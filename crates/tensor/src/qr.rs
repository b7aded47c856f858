//! The QR factorisation through faer.

use faer::MatRef;

use crate::{Real, Tensor, shape, simd};

/// The thin Householder QR factorisation of one number type.
pub(crate) trait FactorScalar: Sized {
    /// `q [m, k]` and `r [k, n]` of `a [m, n]`, each in row-major order, k = min(m, n).
    fn qr(sizes: [usize; 2], a: &[Self]) -> [Vec<Self>; 2];
}

macro_rules! factor {
    ($type:ty) => {
        impl FactorScalar for $type {
            fn qr([m, n]: [usize; 2], a: &[Self]) -> [Vec<Self>; 2] {
                let factors = MatRef::from_row_major_slice(a, m, n).qr();
                let out = [row_major(factors.compute_thin_Q().as_ref()), row_major(factors.thin_R())];
                simd::clear_upper_halves();
                out
            }
        }
    };
}

factor!(f32);
factor!(f64);

fn row_major<T: Copy>(a: MatRef<'_, T>) -> Vec<T> {
    (0..a.nrows()).flat_map(|i| (0..a.ncols()).map(move |j| a[(i, j)])).collect()
}

/// The QR factorisation of `f32` and `f64`; not of dual numbers.
#[expect(private_bounds, reason = "the private bound seals it")]
impl<T: Real + FactorScalar> Tensor<T> {
    /// `a = q·r`: `[m, n] → [m, k], [k, n]`, k = min(m, n), by Householder reflections.
    ///
    /// The columns of q are orthonormal and r is upper triangular. The diagonal of r may have either sign, so the
    /// factors are unique only up to the sign of each column of q.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from_vec(vec![3.0_f64, 1.0, 4.0, 2.0], [2, 2])?;
    /// let (q, r) = a.qr();
    /// assert!((r.data()[0].abs() - 5.0).abs() < 1e-14); // the norm of the first column
    /// let again = q.matmul(&r);
    /// assert!(a.data().iter().zip(again.data()).all(|(x, y)| (x - y).abs() < 1e-14));
    /// # Ok::<(), tensor::ShapeError>(())
    /// ```
    #[track_caller]
    pub fn qr(&self) -> (Self, Self) {
        let (m, n) = shape::expect(shape::matrix("qr", self.shape()));
        let k = m.min(n);
        let [q, r] = T::qr([m, n], self.data());
        (Self::new(q, [m, k].into()), Self::new(r, [k, n].into()))
    }
}
