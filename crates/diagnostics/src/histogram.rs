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
    /// Where that range is too narrow for so many different edges, it is widened to both sides by half a unit, or
    /// by a hundredth of the values if that is more; of nothing, it is `0..1`.
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
        match range {
            None => Self::over(values, T::ZERO, T::ONE, bins),
            Some((lo, hi)) if ascending(&edges(lo, hi, bins)) => Self::over(values, lo, hi, bins),
            Some((lo, hi)) => {
                let half = (lo.to_f64().abs() / 100.0).max(0.5);
                let moved = |x: T, by: f64| {
                    let moved = T::of(x.to_f64() + by);
                    if moved.to_f64().is_finite() { moved } else { x }
                };
                Self::over(values, moved(lo, -half), moved(hi, half), bins)
            }
        }
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
        assert!(bins > 0, "a histogram needs a bin");
        let finite = lo.to_f64().is_finite() && hi.to_f64().is_finite();
        assert!(finite && lo < hi, "a histogram needs finite lo < hi, not {lo} and {hi}");
        let edges = edges(lo, hi, bins);
        let mut histogram = Self {
            edges: edges.iter().map(|x| x.to_f64()).collect(),
            counts: vec![0; bins],
            outside: 0,
            non_finite: 0,
        };
        // Halves, because the difference of two doubles may overflow.
        let (half_lo, half_range) = (lo.to_f64() / 2.0, hi.to_f64() / 2.0 - lo.to_f64() / 2.0);
        for &x in values {
            if !x.to_f64().is_finite() {
                histogram.non_finite += 1;
            } else if x < lo || x > hi {
                histogram.outside += 1;
            } else {
                let share = (x.to_f64() / 2.0 - half_lo) / half_range;
                let guess = ((share * bins as f64) as usize).min(bins - 1);
                histogram.counts[bin_of(x, guess, &edges)] += 1;
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

/// `bins + 1` edges from `lo` to `hi`: NumPy's `linspace` in the values' own precision, and in double precision
/// where the range itself overflows.
fn edges<T: Real>(lo: T, hi: T, bins: usize) -> Vec<T> {
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

fn ascending<T: Real>(edges: &[T]) -> bool {
    edges.windows(2).all(|pair| pair[0] < pair[1])
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
