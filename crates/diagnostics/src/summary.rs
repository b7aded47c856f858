//! Moments in one mergeable pass.

use tensor::Real;

/// What is known of a set of numbers after one pass. Moments are those of the finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Finite values.
    pub count: u64,
    /// NaN and infinite values.
    pub non_finite: u64,
    /// Values equal to 0.
    pub zeros: u64,
    /// The smallest finite value; infinity when there is none.
    pub min: f64,
    /// The largest finite value; minus infinity when there is none.
    pub max: f64,
    mean: f64,
    /// `Σ (x − mean)²`.
    squares: f64,
    /// `Σ |x|`.
    magnitudes: f64,
}

impl Default for Summary {
    /// Of nothing.
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { count: 0, non_finite: 0, zeros: 0, min, max, mean: 0.0, squares: 0.0, magnitudes: 0.0 }
    }
}

/// Values that are summarised in two passes, small enough to stay in the cache between them.
const CHUNK: usize = 1024;

impl Summary {
    /// Of a slice, in one pass over the memory.
    pub fn of<T: Real>(values: &[T]) -> Self {
        let mut summary = Self::default();
        for chunk in values.chunks(CHUNK) {
            summary.merge(&Self::of_chunk(chunk));
        }
        summary
    }

    fn of_chunk<T: Real>(chunk: &[T]) -> Self {
        // A sum is finite only if every term is; one that overflows is sorted out the slow way too.
        let total = sum(chunk);
        if total.is_finite() {
            return Self::of_finite(chunk, total);
        }
        let finite: Vec<T> = chunk.iter().copied().filter(|x| x.to_f64().is_finite()).collect();
        Self { non_finite: (chunk.len() - finite.len()) as u64, ..Self::of_finite(&finite, sum(&finite)) }
    }

    fn of_finite<T: Real>(values: &[T], total: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mean = total / values.len() as f64;
        let Lanes { squares, magnitudes, zeros, min, max } = Lanes::of(values, mean);
        Self {
            count: values.len() as u64,
            non_finite: 0,
            zeros: zeros.iter().sum::<f64>() as u64,
            min: min.into_iter().fold(f64::INFINITY, f64::min),
            max: max.into_iter().fold(f64::NEG_INFINITY, f64::max),
            mean,
            squares: squares.iter().sum(),
            magnitudes: magnitudes.iter().sum(),
        }
    }

    /// Adds what another pass saw: any split of a set gives the same result up to rounding
    /// (Chan, Golub & LeVeque 1979, eq. 2.1).
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (self.count as f64, other.count as f64);
        if other.count > 0 {
            let delta = other.mean - self.mean;
            self.mean += delta * (b / (a + b));
            self.squares += other.squares + delta * delta * (a * b / (a + b));
        }
        self.magnitudes += other.magnitudes;
        self.count += other.count;
        self.non_finite += other.non_finite;
        self.zeros += other.zeros;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Of the same set, each value counted `times` times.
    #[must_use]
    pub fn repeated(&self, times: u64) -> Self {
        if times == 0 {
            return Self::default();
        }
        Self {
            count: self.count * times,
            non_finite: self.non_finite * times,
            zeros: self.zeros * times,
            squares: self.squares * times as f64,
            magnitudes: self.magnitudes * times as f64,
            ..*self
        }
    }

    /// `Σ x / n`; NaN of nothing.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// `Σ (x − mean)² / (n − 1)`, unbiased as PyTorch's; NaN below two values.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// `√variance`, in the values' unit.
    pub fn std(&self) -> f64 {
        self.variance().sqrt()
    }

    /// `Σ |x| / n`; NaN of nothing.
    pub fn mean_abs(&self) -> f64 {
        self.magnitudes / self.count as f64
    }

    /// The share of zeros among the finite values; NaN of nothing.
    pub fn zero_share(&self) -> f64 {
        self.zeros as f64 / self.count as f64
    }
}

/// Interleaved sums, one for every eighth value, which the compiler turns into vector instructions.
const WIDTH: usize = 8;

/// `Σ x`.
fn sum<T: Real>(values: &[T]) -> f64 {
    let (groups, rest) = values.as_chunks::<WIDTH>();
    let lanes = tensor::dispatch(
        #[inline(always)]
        move || {
            let mut lanes = [0.0; WIDTH];
            for group in groups {
                for (lane, x) in lanes.iter_mut().zip(group) {
                    *lane += x.to_f64();
                }
            }
            lanes
        },
    );
    lanes.iter().sum::<f64>() + rest.iter().map(|x| x.to_f64()).sum::<f64>()
}

/// What the second pass over a chunk sees; `zeros` are floats so that they count in the same vectors.
#[derive(Clone, Copy)]
struct Lanes {
    squares: [f64; WIDTH],
    magnitudes: [f64; WIDTH],
    zeros: [f64; WIDTH],
    min: [f64; WIDTH],
    max: [f64; WIDTH],
}

impl Lanes {
    fn of<T: Real>(values: &[T], mean: f64) -> Self {
        let zero = [0.0; WIDTH];
        let (min, max) = ([f64::INFINITY; WIDTH], [f64::NEG_INFINITY; WIDTH]);
        let none = Self { squares: zero, magnitudes: zero, zeros: zero, min, max };
        let (groups, rest) = values.as_chunks::<WIDTH>();
        let mut lanes = tensor::dispatch(
            #[inline(always)]
            move || {
                let mut lanes = none;
                for group in groups {
                    for (lane, x) in group.iter().enumerate() {
                        lanes.add(lane, x.to_f64(), mean);
                    }
                }
                lanes
            },
        );
        rest.iter().enumerate().for_each(|(lane, x)| lanes.add(lane, x.to_f64(), mean));
        lanes
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, x: f64, mean: f64) {
        self.squares[lane] += (x - mean) * (x - mean);
        self.magnitudes[lane] += x.abs();
        self.zeros[lane] += if x == 0.0 { 1.0 } else { 0.0 };
        self.min[lane] = if x < self.min[lane] { x } else { self.min[lane] };
        self.max[lane] = if x > self.max[lane] { x } else { self.max[lane] };
    }
}
