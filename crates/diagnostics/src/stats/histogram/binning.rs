//! The edges of a histogram.

use tensor::Real;

use super::power_of_two;
use crate::stats::moments::ValueRange;

/// The choice of a histogram's bins.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Binning {
    /// This number of equal bins from the smallest finite value to the largest: matplotlib's `hist`. Two such histograms
    /// merge only if their ranges happen to be equal.
    Range(usize),
    /// `bins` equal bins of `lo..=hi`, rounded to the values' precision; other values are counted as outside.
    Fixed {
        /// The first edge.
        lo: f64,
        /// The last edge.
        hi: f64,
        /// The number of bins.
        bins: usize,
    },
    /// At most this number of bins, 2 or more, whose width is a power of two and whose edges are multiples of it: the
    /// narrowest width for which they suffice. Any two such histograms merge, to exactly the histogram of all their values.
    ///
    /// Every bin is half open. Widths end at `2⁻³⁰` of the power of two of the largest magnitude, where equal values would
    /// need a width of 0. Magnitudes from `2¹⁰²²` on, which only `f64` has, are outside.
    PowerOfTwo(usize),
    /// Equal bins up to `linear`, then bins of equal ratio up to `linear·10^decades`, on both sides of 0: for gradients,
    /// whose magnitudes spread over decades. Each of the `2·(decades + 1)` parts has `per_decade` bins.
    SymLog {
        /// The magnitude above which bins have equal ratios; above 0.
        linear: f64,
        /// The number of decades above it.
        decades: usize,
        /// The number of bins per decade, and in each half of the linear middle.
        per_decade: usize,
    },
}

impl Default for Binning {
    /// 50 bins over the range.
    fn default() -> Self {
        Self::Range(50)
    }
}

/// A binning whose edges, where they do not depend on the values, are computed once for all values that share it.
pub(crate) struct PreparedBinning {
    pub(crate) binning: Binning,
    /// The edges of [`Binning::SymLog`]; empty otherwise.
    symlog: Vec<f64>,
}

impl PreparedBinning {
    /// # Panics
    /// As [`symlog`].
    #[track_caller]
    pub(crate) fn of(binning: Binning) -> Self {
        let symlog = match binning {
            Binning::SymLog { linear, decades, per_decade } => symlog(linear, decades, per_decade),
            Binning::Range(_) | Binning::Fixed { .. } | Binning::PowerOfTwo(_) => vec![],
        };
        Self { binning, symlog }
    }

    /// A magnitude above all bins.
    pub(crate) fn limit(&self) -> f64 {
        if matches!(self.binning, Binning::PowerOfTwo(_)) { power_of_two::LIMIT } else { f64::INFINITY }
    }

    /// The edges for values of this range, which ends at the limit.
    ///
    /// # Panics
    /// If there is no bin, or the edges would not be finite and ascending.
    #[track_caller]
    pub(crate) fn edges<T: Real>(&self, range: &ValueRange) -> Vec<f64> {
        let doubles = |edges: Vec<T>| edges.into_iter().map(Real::to_f64).collect();
        match self.binning {
            Binning::Range(bins) => doubles(spanning(range, bins)),
            Binning::Fixed { lo, hi, bins } => doubles(fixed(T::of(lo), T::of(hi), bins)),
            Binning::PowerOfTwo(bins) => power_of_two::edges(range, bins),
            Binning::SymLog { .. } => self.symlog.clone(),
        }
    }
}

/// The edges of [`Binning::Range`].
///
/// # Panics
/// If there is no bin.
#[track_caller]
pub(super) fn spanning<T: Real>(range: &ValueRange, bins: usize) -> Vec<T> {
    let &ValueRange { min, max, .. } = range;
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
pub(super) fn fixed<T: Real>(lo: T, hi: T, bins: usize) -> Vec<T> {
    assert!(bins > 0, "histogram: 0 bins; it needs at least one");
    let finite = lo.to_f64().is_finite() && hi.to_f64().is_finite();
    assert!(finite && lo < hi, "histogram: a range of {lo} to {hi}; it must be finite and ascending");
    linear(lo, hi, bins)
}

/// `bins + 1` edges from `lo` to `hi`: NumPy's `linspace` in the values' own precision, or in double precision if the
/// width of the range overflows.
pub(super) fn linear<T: Real>(lo: T, hi: T, bins: usize) -> Vec<T> {
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

/// The edges of [`Binning::SymLog`], symmetric about 0.
///
/// # Panics
/// If there is no bin, or an edge is not finite or not above its neighbour.
#[track_caller]
pub(super) fn symlog(linear: f64, decades: usize, per_decade: usize) -> Vec<f64> {
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
        "histogram: {decades} decades from {linear} with {per_decade} bins per decade have no finite ascending edges"
    );
    edges
}

/// True if every edge is above the previous one.
pub(super) fn ascending<T: Real>(edges: &[T]) -> bool {
    edges.windows(2).all(|pair| pair[0] < pair[1])
}
