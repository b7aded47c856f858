//! Counts over equal bins.

use tensor::Real;

/// Counts of values over bins `edges[i]..edges[i + 1]`, the last bin closed, as NumPy's.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
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
    /// Over `bins` equal bins from the smallest finite value to the largest: matplotlib's `hist`.
    ///
    /// When all values are equal, the range is half a unit to each side; of nothing, it is `0..1`.
    ///
    /// # Panics
    /// If `bins` is 0.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], bins: usize) -> Self {
        let finite = values.iter().copied().filter(|x| x.to_f64().is_finite());
        let range = finite.fold(None, |range, x| match range {
            None => Some((x, x)),
            Some((lo, hi)) => Some((if x < lo { x } else { lo }, if x > hi { x } else { hi })),
        });
        let half = T::of(0.5);
        match range {
            None => Self::over(values, T::ZERO, T::ONE, bins),
            Some((lo, hi)) if lo == hi => Self::over(values, lo - half, hi + half, bins),
            Some((lo, hi)) => Self::over(values, lo, hi, bins),
        }
    }

    /// Over `bins` equal bins of `lo..=hi`.
    ///
    /// The edges are rounded to the values' own precision, as NumPy's are, so that the same value falls into
    /// the same bin.
    ///
    /// # Panics
    /// If `bins` is 0 or `lo < hi` does not hold.
    #[track_caller]
    pub fn over<T: Real>(values: &[T], lo: T, hi: T, bins: usize) -> Self {
        assert!(bins > 0, "a histogram needs a bin");
        assert!(lo < hi, "a histogram needs lo < hi, not {lo} and {hi}");
        let step = (hi - lo) / T::of(bins as f64);
        let mut edges: Vec<T> = (0..bins).map(|i| T::of(i as f64) * step + lo).collect();
        edges.push(hi);

        let mut histogram = Self {
            edges: edges.iter().map(|x| x.to_f64()).collect(),
            counts: vec![0; bins],
            outside: 0,
            non_finite: 0,
        };
        let per_unit = T::of(bins as f64) / (hi - lo);
        for &x in values {
            if !x.to_f64().is_finite() {
                histogram.non_finite += 1;
            } else if x < lo || x > hi {
                histogram.outside += 1;
            } else {
                let guess = ((x - lo) * per_unit).to_f64() as usize;
                histogram.counts[bin_of(x, guess.min(bins - 1), &edges)] += 1;
            }
        }
        histogram
    }

    /// Values counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
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

/// The bin that holds `x`, one step at most from the guess: the edges decide, not the division.
fn bin_of<T: Real>(x: T, guess: usize, edges: &[T]) -> usize {
    let last = edges.len() - 2;
    if x < edges[guess] {
        guess - 1
    } else if guess < last && x >= edges[guess + 1] {
        guess + 1
    } else {
        guess
    }
}
