//! The one door to wide vector units.

use pulp::Arch;

/// Runs `loops` compiled for the best instruction set that this processor has (AVX2 and FMA, or the
/// target's baseline); the processor is asked once.
///
/// What is not inlined into `loops` is compiled for the baseline, so write plain `for` loops over slices: an
/// iterator's `fold` or `extend` may stay outside. Mark the closure and what it calls `#[inline(always)]`, and
/// make it `move` where it captures a function: a captured reference is read again at every step, and the loop
/// stays scalar. Together these took 13,000 values of tanh from 116 to 14 µs.
///
/// ```
/// let x = [1.0_f32, 2.0, 3.0];
/// let mut y = [0.0; 3];
/// let (xs, ys) = (&x[..], &mut y[..]);
/// tensor::dispatch(
///     #[inline(always)]
///     move || {
///         for (&x, y) in xs.iter().zip(ys) {
///             *y = x.mul_add(2.0, 1.0);
///         }
///     },
/// );
/// assert_eq!(y, [3.0, 5.0, 7.0]);
/// ```
#[inline(always)]
pub fn dispatch<R>(loops: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(loops)
}

/// Clears the upper halves of the vector registers.
///
/// faer's x86 kernels return with them dirty, and every SSE instruction that follows then pays: a
/// factor of 2 on a whole training step. One instruction after each product takes it back.
#[inline]
pub(crate) fn clear_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.avx._mm256_zeroupper();
    }
}
