//! The one door to wide vector units.

use pulp::Arch;

/// Runs `loops` compiled for the best instruction set that this processor has (AVX2 and FMA, or the
/// target's baseline); the processor is asked once.
///
/// `loops` must be inlinable down to its arithmetic: what is not inlined is compiled for the baseline.
#[inline(always)]
pub(crate) fn dispatch<R>(loops: impl FnOnce() -> R) -> R {
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
