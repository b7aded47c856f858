//! Counts over bins.

use tensor::Real;

use crate::Binning;
use crate::binning::{self, Bins};
use crate::extent::Extent;
use crate::places;

/// Counts of values over bins `edges[i]..edges[i + 1]`, the last bin closed, as NumPy's.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// How the edges were chosen.
    pub binning: Binning,
    /// Bin edges, ascending, one more than bins.
    pub edges: Vec<f64>,
    /// Values in each bin.
    pub counts: Vec<u64>,
    /// Values below the first edge or above the last.
    pub outside: u64,
    /// NaN and infinite values.
    pub non_finite: u64,
}

/// The levels of a terminal histogram, from empty to full.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Histogram {
    /// Over the bins of `binning`.
    ///
    /// ```
    /// use diagnostics::{Binning, Histogram};
    ///
    /// let mut all = Histogram::with(&[0.1_f32, 0.6, 1.2], Binning::Doubling(4));
    /// assert_eq!((all.edges.as_slice(), all.counts.as_slice()), (&[0.0, 0.5, 1.0, 1.5][..], &[1, 1, 1][..]));
    /// all.merge(&Histogram::with(&[3.0_f32], Binning::Doubling(4)))?;
    /// assert_eq!((all.edges.as_slice(), all.counts.as_slice()), (&[0.0, 1.0, 2.0, 3.0, 4.0][..], &[2, 1, 0, 1][..]));
    /// # Ok::<(), diagnostics::MergeError>(())
    /// ```
    ///
    /// # Panics
    /// If there is no bin (for [`Binning::Doubling`]: if there are not 2), or the edges would not be finite and
    /// ascending.
    #[track_caller]
    pub fn with<T: Real>(values: &[T], binning: Binning) -> Self {
        Self::within(values, &Bins::of(binning))
    }

    /// The same over bins that others are counted over too.
    #[track_caller]
    pub(crate) fn within<T: Real>(values: &[T], bins: &Bins) -> Self {
        match bins.binning {
            Binning::Range(bins) => Self::of(values, bins),
            Binning::Fixed { lo, hi, bins } => Self::over(values, T::of(lo), T::of(hi), bins),
            Binning::Doubling(_) | Binning::SymLog { .. } => {
                let extent = Extent::of(values, bins.limit());
                let edges = bins.edges::<T>(&extent);
                let counts = places::any(values, &extent, &edges);
                Self::counted(bins.binning, edges, counts, values)
            }
        }
    }

    /// Over `bins` equal bins from the smallest finite value to the largest: matplotlib's `hist`.
    ///
    /// Where that range is too narrow for so many different edges, it is widened to both sides by half a unit, or
    /// by a hundredth of the values if that is more; of nothing, it is `0..1`.
    ///
    /// # Panics
    /// If `bins` is 0.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], bins: usize) -> Self {
        let edges = binning::spanning::<T>(&Extent::of(values, f64::INFINITY), bins);
        Self::equal(values, &edges, Binning::Range(bins))
    }

    /// Over `bins` equal bins of `lo..=hi`.
    ///
    /// The edges are rounded to the values' own precision, as NumPy's are, so that the same value falls into
    /// the same bin.
    ///
    /// # Panics
    /// If `bins` is 0, `lo < hi` does not hold, or one of them is not finite.
    #[track_caller]
    pub fn over<T: Real>(values: &[T], lo: T, hi: T, bins: usize) -> Self {
        let binning = Binning::Fixed { lo: lo.to_f64(), hi: hi.to_f64(), bins };
        Self::equal(values, &binning::fixed(lo, hi, bins), binning)
    }

    fn equal<T: Real>(values: &[T], edges: &[T], binning: Binning) -> Self {
        let edges: Vec<f64> = edges.iter().map(|edge| edge.to_f64()).collect();
        let counts = places::equal(values, &edges);
        Self::counted(binning, edges, counts, values)
    }

    /// Of counts whose last one is of the values in no bin.
    pub(crate) fn counted<T: Real>(
        binning: Binning,
        edges: Vec<f64>,
        mut counts: Vec<u64>,
        values: &[T],
    ) -> Self {
        let elsewhere = counts.pop().unwrap_or(0);
        let infinite = |&x: &&T| !x.to_f64().is_finite();
        let non_finite = if elsewhere > 0 { values.iter().filter(infinite).count() as u64 } else { 0 };
        // In the values' precision.
        let binning = match binning {
            Binning::Fixed { bins, .. } => Binning::Fixed { lo: edges[0], hi: edges[bins], bins },
            other => other,
        };
        Self { binning, edges, counts, outside: elsewhere - non_finite, non_finite }
    }

    /// Values counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of each bin in all that are inside; NaN of nothing.
    pub fn shares(&self) -> Vec<f64> {
        let total = self.total() as f64;
        self.counts.iter().map(|&count| count as f64 / total).collect()
    }

    /// The density in each bin, share over width, which integrates to 1: NumPy's `histogram(density=True)`; NaN of
    /// nothing.
    pub fn density(&self) -> Vec<f64> {
        let widths = self.edges.windows(2).map(|pair| pair[1] - pair[0]);
        self.shares().iter().zip(widths).map(|(share, width)| share / width).collect()
    }

    /// The middle of each bin.
    pub fn centers(&self) -> Vec<f64> {
        self.edges.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0).collect()
    }

    /// The shape as `width` characters, the fullest `█`; anything above 0 shows.
    ///
    /// # Panics
    /// If `width` is 0.
    #[track_caller]
    pub fn spark(&self, width: usize) -> String {
        assert!(width > 0, "a histogram needs a column");
        let bins = self.counts.len();
        let column = |at: usize| -> u64 {
            let (from, to) = (at * bins / width, (at + 1) * bins / width);
            self.counts[from..to.max(from + 1)].iter().sum()
        };
        let columns: Vec<u64> = (0..width).map(column).collect();
        let fullest = columns.iter().copied().max().unwrap_or(0).max(1);
        columns.iter().map(|&count| LEVELS[(count * 8).div_ceil(fullest) as usize]).collect()
    }
}
