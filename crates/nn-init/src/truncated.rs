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
    bounds: [f64; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    fill_rounded(mean, std, bounds, out, source, T::LARGEST, |x| x);
}

/// [`fill`] in a precision that may be less than that of `T`: its largest number, and the function that rounds to it, which
/// PyTorch does after every step. The source has numbers of that precision.
pub(crate) fn fill_rounded<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [f64; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
    largest: f64,
    round: impl Fn(T) -> T + Copy,
) {
    let below = |x: f64| (1.0 + Real::erf((x - mean) / std / SQRT_2)) / 2.0;
    let rounded = |x: f64| round(T::of(x));
    if std == 0.0 {
        out.fill(rounded(mean.clamp(lo, hi)));
    } else if below(hi) - below(lo) > REDRAW_ABOVE {
        redraw(mean, std, [lo, hi].map(rounded), out, source);
    } else {
        Normal { mean, std, peak: (mean.clamp(lo, hi) - mean) / std, largest, round }.propose(
            [lo, hi],
            out,
            source,
        );
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

/// A normal distribution whose most likely value between the bounds is `peak` standard deviations from its mean, in a
/// precision whose largest number is `largest`.
#[derive(Clone, Copy)]
struct Normal<R> {
    mean: f64,
    std: f64,
    peak: f64,
    largest: f64,
    round: R,
}

impl<R> Normal<R> {
    /// The values that uniforms are proposed from: the bounds, or if `U[lo, hi)` does not exist in this precision, which
    /// PyTorch refuses, the part of them that matters.
    fn proposable(&self, [lo, hi]: [f64; 2]) -> [f64; 2] {
        let exists = [lo, hi, hi - lo].iter().all(|x| x.abs() <= self.largest);
        if exists { [lo, hi] } else { self.cut([lo, hi]) }
    }

    /// The bounds without the tail whose density is below 2⁻⁶⁰ of the peak's, and without what the precision cannot hold: a
    /// proposal is then accepted with a probability of at least 2%, however far out the bounds are.
    fn cut(&self, [lo, hi]: [f64; 2]) -> [f64; 2] {
        let reach = self.std * (self.peak * self.peak + 120.0 * LN_2).sqrt();
        let held = |x: f64| x.clamp(-self.largest / 2.0, self.largest / 2.0);
        [held(lo.max(self.mean - reach)), held(hi.min(self.mean + reach))]
    }

    /// Proposes uniform values and accepts each by its density, `ln u ≤ −(z² − peak²)/2`, rounded as PyTorch rounds it.
    fn propose<T: Element>(&self, bounds: [f64; 2], out: &mut [T], source: &mut (impl Source<T> + ?Sized))
    where
        R: Fn(T) -> T,
    {
        let [lo, hi] = self.proposable(bounds);
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
                (self.round)(T::of(Real::ln(thresholds[index].to_f64()))) > self.log_density(proposals[index])
            });
        }
        self.finish(self.cut([lo, hi]), &open, out, source);
    }

    /// `−(z² − peak²)/2`, in the order of PyTorch's roundings. Only the divisor is never of half precision.
    fn log_density<T: Element>(&self, x: T) -> T
    where
        R: Fn(T) -> T,
    {
        let round = &self.round;
        let z = round(round(x - round(T::of(self.mean))) / T::of(self.std));
        round(round(round(z * z) * T::of(-0.5)) - round(T::of(-0.5 * self.peak * self.peak)))
    }

    /// Fills what PyTorch's loop would hardly ever fill, with one draw per open value, decided in double precision.
    fn finish<T: Element>(
        &self,
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
