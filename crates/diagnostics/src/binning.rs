//! Where the edges of a histogram are.

use tensor::Real;

use crate::doubling;
use crate::extent::Extent;

/// How values are divided into bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Binning {
    /// So many equal bins from the smallest finite value to the largest: matplotlib's `hist`. Two histograms merge
    /// only where their ranges happen to be equal.
    Range(usize),
    /// `bins` equal bins of `lo..=hi`, rounded to the values' precision; the rest is counted as outside.
    Fixed {
        /// The first edge.
        lo: f64,
        /// The last edge.
        hi: f64,
        /// The number of bins.
        bins: usize,
    },
    /// At most so many bins, at least 2, whose width is a power of two and whose edges are multiples of it: the
    /// narrowest for which they are enough. Any two merge, to exactly the histogram of all their values.
    ///
    /// Widths stop at `2⁻³⁰` of the largest magnitude's power of two, where equal values would ask for 0. Every bin is
    /// half open. Magnitudes from `2¹⁰²²` on, which only `f64` has, are outside.
    Doubling(usize),
    /// Equal bins up to `linear`, then equal ratios up to `linear·10^decades`, on both sides of 0: for gradients,
    /// whose sizes spread over decades. Each of the `2·(decades + 1)` parts has `per_decade` bins.
    SymLog {
        /// The magnitude where powers begin; above 0.
        linear: f64,
        /// Powers of ten beyond it.
        decades: usize,
        /// Bins for each of them, and for each half of the linear middle.
        per_decade: usize,
    },
}

impl Default for Binning {
    /// 50 bins over the range.
    fn default() -> Self {
        Self::Range(50)
    }
}

/// A binning, with what does not depend on the values worked out for all that are counted over it.
pub(crate) struct Bins {
    pub(crate) binning: Binning,
    /// The edges of [`Binning::SymLog`]; of others none.
    symlog: Vec<f64>,
}

impl Bins {
    /// # Panics
    /// As [`symlog`].
    #[track_caller]
    pub(crate) fn of(binning: Binning) -> Self {
        let symlog = match binning {
            Binning::SymLog { linear, decades, per_decade } => symlog(linear, decades, per_decade),
            Binning::Range(_) | Binning::Fixed { .. } | Binning::Doubling(_) => vec![],
        };
        Self { binning, symlog }
    }

    /// A magnitude that no bin holds, above all that bins do.
    pub(crate) fn limit(&self) -> f64 {
        if matches!(self.binning, Binning::Doubling(_)) { doubling::LIMIT } else { f64::INFINITY }
    }

    /// The edges for values of an extent up to that.
    ///
    /// # Panics
    /// If there is no bin, or the edges would not be finite and ascending.
    #[track_caller]
    pub(crate) fn edges<T: Real>(&self, extent: &Extent) -> Vec<f64> {
        let doubles = |edges: Vec<T>| edges.into_iter().map(Real::to_f64).collect();
        match self.binning {
            Binning::Range(bins) => doubles(spanning(extent, bins)),
            Binning::Fixed { lo, hi, bins } => doubles(fixed(T::of(lo), T::of(hi), bins)),
            Binning::Doubling(bins) => doubling::edges(extent, bins),
            Binning::SymLog { .. } => self.symlog.clone(),
        }
    }
}

/// The edges of [`Binning::Range`].
///
/// # Panics
/// If there is no bin.
#[track_caller]
pub(crate) fn spanning<T: Real>(extent: &Extent, bins: usize) -> Vec<T> {
    let &Extent { min, max, .. } = extent;
    // A sum with 0 has no negative zero.
    let (lo, hi) = if min <= max { (T::of(min), T::of(max + 0.0)) } else { (T::ZERO, T::ONE) };
    let edges = linear(lo, hi, bins);
    if bins > 0 && ascending(&edges) {
        return edges;
    }
    let half = (lo.to_f64().abs() / 100.0).max(0.5);
    let moved = |x: T, by: f64| {
        let moved = T::of(x.to_f64() + by);
        if moved.to_f64().is_finite() { moved } else { x }
    };
    fixed(moved(lo, -half), moved(hi, half), bins)
}

/// The edges of [`Binning::Fixed`].
///
/// # Panics
/// If there is no bin, `lo < hi` does not hold, or one of them is not finite.
#[track_caller]
pub(crate) fn fixed<T: Real>(lo: T, hi: T, bins: usize) -> Vec<T> {
    assert!(bins > 0, "a histogram needs a bin");
    let finite = lo.to_f64().is_finite() && hi.to_f64().is_finite();
    assert!(finite && lo < hi, "a histogram needs finite lo < hi, not {lo} and {hi}");
    linear(lo, hi, bins)
}

/// `bins + 1` edges from `lo` to `hi`: NumPy's `linspace` in the values' own precision, and in double precision
/// where the range itself overflows.
pub(crate) fn linear<T: Real>(lo: T, hi: T, bins: usize) -> Vec<T> {
    let step = (hi - lo) / T::of(bins as f64);
    let edge = |i: usize| {
        if step.to_f64().is_finite() {
            return T::of(i as f64) * step + lo;
        }
        let share = i as f64 / bins as f64;
        T::of(lo.to_f64() * (1.0 - share) + hi.to_f64() * share)
    };
    (0..bins).map(edge).chain([hi]).collect()
}

/// The edges of [`Binning::SymLog`], which mirror each other.
///
/// # Panics
/// If there is no bin, or an edge is not finite or not above its neighbour.
#[track_caller]
pub(crate) fn symlog(linear: f64, decades: usize, per_decade: usize) -> Vec<f64> {
    let share = |i: usize| i as f64 / per_decade as f64;
    let inner = (1..=per_decade).map(|i| linear * share(i));
    // `Real`'s power has the same bits on every platform.
    let outer = (1..=decades * per_decade).map(|i| linear * Real::powf(10.0, share(i)));
    let positive: Vec<f64> = inner.chain(outer).collect();
    let negative = positive.iter().rev().map(|edge| -edge);
    let edges: Vec<f64> = negative.chain([0.0]).chain(positive.iter().copied()).collect();
    let finite = edges.iter().all(|edge| edge.is_finite());
    assert!(
        per_decade > 0 && finite && ascending(&edges),
        "{per_decade} bins a decade from {linear} on, {decades} decades, have no finite ascending edges"
    );
    edges
}

/// Whether every edge is above its neighbour.
pub(crate) fn ascending<T: Real>(edges: &[T]) -> bool {
    edges.windows(2).all(|pair| pair[0] < pair[1])
}
