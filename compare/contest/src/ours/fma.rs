//! The peak of one core: fused multiply-adds that never leave the registers.

use std::hint::black_box;

use pulp::{Arch, Simd, WithSimd};

use shared::{Fallible, Job, Work};

/// Chains that do not wait for each other: at two operations per cycle, each four or five cycles long, ten are needed.
const CHAINS: usize = 12;

/// `x ← x/2 + ½` in every lane of every chain, which ends at 1.
#[derive(Default)]
pub(super) struct FmaJob {
    reached: f32,
}

impl Job for FmaJob {
    fn round(&mut self) -> Fallible<()> {
        self.reached = Arch::new().dispatch(Chains { half: black_box(0.5) });
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(vec![self.reached.into()])
    }
}

struct Chains {
    half: f32,
}

impl WithSimd for Chains {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let half = simd.splat_f32s(self.half);
        let mut chains = [simd.splat_f32s(0.0); CHAINS];
        for _ in 0..Work::FMA / (2 * CHAINS * S::F32_LANES) as u64 {
            for chain in &mut chains {
                *chain = simd.mul_add_f32s(*chain, half, half);
            }
        }
        let sum = chains.into_iter().fold(simd.splat_f32s(0.0), |sum, chain| simd.add_f32s(sum, chain));
        simd.reduce_sum_f32s(sum) / (CHAINS * S::F32_LANES) as f32
    }
}
