//! The normal distribution between two bounds.

use std::f64::consts::{LN_2, SQRT_2};

use tensor::Real;

use crate::{Element, Source};

/// If the bounds hold more of the normal distribution than this, redrawing is quick. It is PyTorch's threshold too.
const REDRAW_ABOVE: f64 = 0.3;

/// `out[i] ~ N(mean, std²)` given `lo ≤ out[i] ≤ hi`.
pub(crate) fn fill<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [f64; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let below = |x: f64| (1.0 + Real::erf((x - mean) / std / SQRT_2)) / 2.0;
    if std == 0.0 || lo == hi {
        out.fill(T::of(mean.clamp(lo, hi)));
    } else if below(hi) - below(lo) > REDRAW_ABOVE {
        redraw(mean, std, [lo, hi].map(T::of), out, source);
    } else {
        propose(mean, std, [lo, hi], out, source);
    }
}

/// Draws normals, and draws all of them again to replace those outside the bounds, as PyTorch 2.15 does.
fn redraw<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [T; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    /// A value is outside in every round with probability 0.7¹⁰⁰⁰. If one is, the bounds have rounded past every number
    /// that the normal distribution gives in this precision.
    const ROUNDS: usize = 1000;
    let outside = |x: T| x < lo || x > hi;
    let mut fresh = Vec::new();
    source.normal(mean, std, out);
    for _ in 0..ROUNDS {
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

/// Proposes uniform values and accepts each by its density, `ln u ≤ −(z² − z₀²)/2`, with z₀ the most likely value.
///
/// A tail is cut off where its density is 2⁻⁶⁰ of the peak's, so that a proposal is accepted with a probability of at
/// least 2%, however far out the bounds are.
fn propose<T: Element>(
    mean: f64,
    std: f64,
    [lo, hi]: [f64; 2],
    out: &mut [T],
    source: &mut (impl Source<T> + ?Sized),
) {
    let peak = (mean.clamp(lo, hi) - mean) / std;
    let reach = std * (peak * peak + 120.0 * LN_2).sqrt();
    let (lo, hi) = (lo.max(mean - reach), hi.min(mean + reach));

    let mut open: Vec<usize> = (0..out.len()).collect();
    let (mut proposals, mut thresholds) = (out.to_vec(), out.to_vec());
    while !open.is_empty() {
        let (proposals, thresholds) = (&mut proposals[..open.len()], &mut thresholds[..open.len()]);
        source.uniform(lo, hi, proposals);
        source.uniform(0.0, 1.0, thresholds);
        let mut drawn = proposals.iter().zip(thresholds);
        open.retain(|&index| {
            let Some((&x, &mut u)) = drawn.next() else { unreachable!("one proposal per open index") };
            let z = (x.to_f64() - mean) / std;
            let accepted = u.to_f64().ln() <= (peak - z) * (peak + z) / 2.0;
            if accepted {
                out[index] = x;
            }
            !accepted
        });
    }
}
