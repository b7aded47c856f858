//! Tensors in half precision.

use std::marker::PhantomData;

use torch_rng::Half;

use crate::{Generator, InitError, Layout, Scheme, Source, truncated};

impl Scheme {
    /// Fills a slice of `half::f16` or `half::bf16` with the values of a tensor of `shape`, in row-major order.
    ///
    /// Constants, uniforms, normals and truncated normals have the bits that `torch.nn.init` gives a tensor of this type on a
    /// CPU, whatever fans they are scaled by. They are drawn in single precision and rounded; `Generator::uniform_half` and
    /// `normal_half` say where that differs from rounding a tensor of single precision. Truncated normals round every step of
    /// the density by which they are accepted. The other schemes are rounded from [`fill`](Self::fill) in single precision:
    /// PyTorch cannot factor matrices in half precision.
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
    /// See [`fill`](Self::fill).
    pub fn fill_half<H: Half>(
        self,
        shape: &[usize],
        layout: Layout,
        out: &mut [H],
        generator: &mut Generator,
    ) -> Result<(), InitError> {
        let Some(resolved) = self.drawn(shape, layout, out.len(), H::LARGEST)? else { return Ok(()) };
        match resolved {
            Self::Normal { mean, std } => generator.normal_half(mean, std, out),
            Self::Uniform { lo, hi } => generator.uniform_half(lo, hi, out),
            other => {
                let mut single = vec![0_f32; out.len()];
                if let Self::TruncatedNormal { mean, std, lo, hi } = other {
                    let source = &mut Widened::<H>(generator, PhantomData);
                    let round = |x: f32| H::nearest(x).widened();
                    truncated::fill_rounded(mean, std, [lo, hi], &mut single, source, H::LARGEST, round);
                } else {
                    other.fill(shape, layout, &mut single, generator)?;
                }
                out.iter_mut().zip(single).for_each(|(value, x)| *value = H::nearest(x));
            }
        }
        Ok(())
    }
}

/// Numbers of half precision, as single precision holds them.
struct Widened<'a, H>(&'a mut Generator, PhantomData<H>);

impl<H: Half> Widened<'_, H> {
    fn fill(&mut self, out: &mut [f32], draw: impl FnOnce(&mut Generator, &mut [H])) {
        let mut half = vec![H::nearest(0.0); out.len()];
        draw(self.0, &mut half);
        out.iter_mut().zip(half).for_each(|(x, half)| *x = half.widened());
    }
}

impl<H: Half> Source<f32> for Widened<'_, H> {
    fn uniform(&mut self, lo: f64, hi: f64, out: &mut [f32]) {
        self.fill(out, |generator, half| generator.uniform_half(lo, hi, half));
    }

    fn normal(&mut self, mean: f64, std: f64, out: &mut [f32]) {
        self.fill(out, |generator, half| generator.normal_half(mean, std, half));
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        self.0.randperm(n)
    }
}
