//! Tensors in half precision.

use torch_rng::Half;

use crate::{Generator, InitError, Layout, Scheme};

impl Scheme {
    /// Fills a slice of `half::f16` or `half::bf16` with the values of a tensor of `shape`, in row-major order.
    ///
    /// Constants, uniforms and normals have the bits that `torch.nn.init` gives a tensor of this type on a CPU, whatever
    /// fans they are scaled by. They are drawn in single precision and rounded; `Generator::uniform_half` and
    /// `normal_half` say where that differs from rounding a tensor of single precision. The other schemes are rounded from
    /// [`fill`](Self::fill) in single precision: PyTorch cannot factor matrices in half precision, and computes truncated
    /// normals with every step rounded.
    ///
    /// ```
    /// use nn_init::{Generator, Layout, Scheme};
    ///
    /// let mut weight = vec![half::bf16::ZERO; 8 * 4];
    /// Scheme::xavier_normal(1.0).fill_half(&[8, 4], Layout::OUT_IN, &mut weight, &mut Generator::manual_seed(1))?;
    /// assert_ne!(weight[0], half::bf16::ZERO);
    /// # Ok::<(), nn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    /// See [`fill`](Self::fill); also if a bound is beyond the precision's largest number.
    pub fn fill_half<H: Half>(
        self,
        shape: &[usize],
        layout: Layout,
        out: &mut [H],
        generator: &mut Generator,
    ) -> Result<(), InitError> {
        InitError::check_length(shape, out.len())?;
        if self.leaves_alone(shape) {
            return Ok(());
        }
        let resolved = self.resolved(shape, layout)?;
        self.check_parameters::<f32>(resolved)?;
        match resolved {
            Self::Normal { mean, std } => generator.normal_half(mean, std, out),
            Self::Uniform { lo, hi } => {
                if [lo, hi, hi - lo].iter().any(|bound| bound.abs() > H::LARGEST) {
                    let why = format!("{lo}, {hi} and their difference must not exceed {}", H::LARGEST);
                    return Err(InitError::Parameter { scheme: self.to_string(), why });
                }
                generator.uniform_half(lo, hi, out);
            }
            other => {
                let mut single = vec![0_f32; out.len()];
                other.fill(shape, layout, &mut single, generator)?;
                out.iter_mut().zip(single).for_each(|(value, x)| *value = H::nearest(x));
            }
        }
        Ok(())
    }
}
