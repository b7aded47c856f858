//! The normal distribution between two bounds, by the two algorithms of `torch.nn.init.trunc_normal_` in PyTorch 2.15.
//!
//! Both draw as many numbers as the tensor has values in every round, and keep those that replace a value which is still
//! open. So the numbers depend on the length, and the source stands afterwards where PyTorch's generator does.

use std::f64::consts::{LN_2, SQRT_2};

use tensor::Real;

use crate::{Element, Source};

/// If the bounds hold more of the normal distribution than this, PyTorch redraws normals, and proposes uniforms otherwise.
const REDRAW_ABOVE: f64 = 0.3;

/// The number of rounds after which a loop is given up: PyTorch has then been busy for 53 s with a tensor of four values.
/// Bounds that reach it are very wide, or too close for the precision to have a number between them.
const ROUNDS: u64 = 1 << 20;

/// The number of draws after which the loop of a large tensor is given up; PyTorch takes 165 s for as many.
const DRAWS: u64 = 1 << 32;

/// `out[i] ~ N(mean, std²)` given `lo ≤ out[i] ≤ hi`.
pub(crate) fn fill<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [f64; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let below = |x: f64| (1.0 + Real::erf((x - mean) / std / SQRT_2)) / 2.0;
    if std == 0.0 {
        out.fill(T::of(mean.clamp(lo, hi)));
    } else if below(hi) - below(lo) > REDRAW_ABOVE {
        redraw(mean, std, [lo, hi].map(T::of), out, source);
    } else {
        let normal = Normal { mean, std, peak: (mean.clamp(lo, hi) - mean) / std };
        normal.propose(normal.proposable::<T>([lo, hi]), out, source);
    }
}

/// The number of rounds that a loop over `n` values may take.
fn rounds(n: usize) -> u64 {
    ROUNDS.min(DRAWS / n.max(1) as u64)
}

/// Draws normals, and draws all of them again to replace those outside the bounds.
///
/// If the loop is given up, the bounds have rounded past nearly every number that the normal distribution gives in this
/// precision, and what is outside goes to the nearer bound.
fn redraw<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [T; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let outside = |x: T| x < lo || x > hi;
    let mut fresh = Vec::new();
    source.normal(mean, std, out);
    for _ in 0..rounds(out.len()) {
        if !out.iter().any(|&x| outside(x)) {
            return;
        }
        fresh.resize(out.len(), T::ZERO);
        source.normal(mean, std, &mut fresh);
        for (x, &fresh) in out.iter_mut().zip(&fresh) {
            *x = if outside(*x) { fresh } else { *x };
        }
    }
    for x in out {
        *x = if *x < lo {
            lo
        } else if *x > hi {
            hi
        } else {
            *x
        };
    }
}

/// A normal distribution whose most likely value between the bounds is `peak` standard deviations from its mean.
#[derive(Clone, Copy)]
struct Normal {
    mean: f64,
    std: f64,
    peak: f64,
}

impl Normal {
    /// The values that uniforms are proposed from: the bounds, or if `U[lo, hi)` does not exist in this precision, which
    /// PyTorch refuses, the part of them that matters.
    fn proposable<T: Element>(self, [lo, hi]: [f64; 2]) -> [f64; 2] {
        let exists = [lo, hi, hi - lo].iter().all(|&x| T::of(x).to_f64().is_finite());
        if exists { [lo, hi] } else { self.cut([lo, hi]) }
    }

    /// The bounds without the tail whose density is below 2⁻⁶⁰ of the peak's: a proposal is then accepted with a
    /// probability of at least 2%, however far out the bounds are.
    fn cut(self, [lo, hi]: [f64; 2]) -> [f64; 2] {
        let reach = self.std * (self.peak * self.peak + 120.0 * LN_2).sqrt();
        [lo.max(self.mean - reach), hi.min(self.mean + reach)]
    }

    /// Proposes uniform values and accepts each by its density, `ln u ≤ −(z² − peak²)/2`, rounded as PyTorch rounds it.
    fn propose<T: Element>(self, [lo, hi]: [f64; 2], out: &mut [T], source: &mut (impl Source<T> + ?Sized)) {
        let mut open: Vec<usize> = (0..out.len()).collect();
        let (mut proposals, mut thresholds) = (out.to_vec(), out.to_vec());
        for _ in 0..rounds(out.len()) {
            if open.is_empty() {
                return;
            }
            source.uniform(lo, hi, &mut proposals);
            source.uniform(0.0, 1.0, &mut thresholds);
            open.retain(|&index| {
                out[index] = proposals[index];
                // Not `<=`: PyTorch rejects if the logarithm is greater, which NaN never is.
                T::of(Real::ln(thresholds[index].to_f64())) > self.log_density(proposals[index])
            });
        }
        self.finish(self.cut([lo, hi]), &open, out, source);
    }

    /// `−(z² − peak²)/2`, in the order of PyTorch's roundings.
    fn log_density<T: Element>(self, x: T) -> T {
        let z = (x - T::of(self.mean)) / T::of(self.std);
        z * z * T::of(-0.5) - T::of(-0.5 * self.peak * self.peak)
    }

    /// Fills what PyTorch's loop would hardly ever fill, with one draw per open value, decided in double precision.
    fn finish<T: Element>(
        self,
        [lo, hi]: [f64; 2],
        open: &[usize],
        out: &mut [T],
        source: &mut (impl Source<T> + ?Sized),
    ) {
        let mut open = open.to_vec();
        while !open.is_empty() {
            let [mut proposals, mut thresholds] = [(); 2].map(|()| vec![T::ZERO; open.len()]);
            source.uniform(lo, hi, &mut proposals);
            source.uniform(0.0, 1.0, &mut thresholds);
            let mut drawn = proposals.iter().zip(&thresholds);
            open.retain(|&index| {
                let Some((&x, u)) = drawn.next() else { unreachable!("one proposal per open index") };
                let z = (x.to_f64() - self.mean) / self.std;
                out[index] = x;
                Real::ln(u.to_f64()) > (self.peak - z) * (self.peak + z) / 2.0
            });
        }
    }
}
