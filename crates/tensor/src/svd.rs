//! Singular values through faer.

use faer::MatRef;

use crate::{Real, Tensor, shape, simd};

/// The singular values of one number type, largest first.
pub(crate) trait SingularValues: Sized {
    /// The singular values of `a [m, n]` in row-major order; `None` if the iteration does not converge.
    fn singular_values(sizes: [usize; 2], a: &[Self]) -> Option<Vec<Self>>;
}

macro_rules! singular_values {
    ($type:ty) => {
        impl SingularValues for $type {
            fn singular_values([m, n]: [usize; 2], a: &[Self]) -> Option<Vec<Self>> {
                let values = MatRef::from_row_major_slice(a, m, n).singular_values().ok();
                simd::clear_upper_halves();
                values
            }
        }
    };
}

singular_values!(f32);
singular_values!(f64);

/// Singular values of `f32` and `f64`; not of dual numbers.
#[expect(private_bounds, reason = "the private bound seals it")]
impl<T: Real + SingularValues> Tensor<T> {
    /// The singular values σ₁ ≥ σ₂ ≥ … of `[m, n]`, min(m, n) of them: the factors by which the matrix stretches its
    /// principal directions.
    ///
    /// They are all NaN if the matrix has a value that is not finite.
    ///
    /// # Panics
    /// Panics if this is not a matrix.
    ///
    /// ```
    /// use tensor::Tensor;
    /// let a = Tensor::from_vec(vec![0.0_f64, 2.0, -3.0, 0.0], [2, 2])?;
    /// let s = a.singular_values();
    /// assert!((s[0] - 3.0).abs() < 1e-15 && (s[1] - 2.0).abs() < 1e-15);
    /// # Ok::<(), tensor::ShapeError>(())
    /// ```
    #[track_caller]
    pub fn singular_values(&self) -> Vec<T> {
        let (m, n) = shape::expect(shape::matrix("singular_values", self.shape()));
        let finite = self.data().iter().all(|x| x.to_f64().is_finite());
        let values = if finite { T::singular_values([m, n], self.data()) } else { None };
        values.unwrap_or_else(|| vec![T::of(f64::NAN); m.min(n)])
    }
}
