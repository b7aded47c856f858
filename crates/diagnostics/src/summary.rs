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
        let total: f64 = lanes(chunk, |x| x);
        if total.is_finite() {
            return Self::of_finite(chunk, total);
        }
        let finite: Vec<T> = chunk.iter().copied().filter(|x| x.to_f64().is_finite()).collect();
        let total = lanes(&finite, |x| x);
        Self { non_finite: (chunk.len() - finite.len()) as u64, ..Self::of_finite(&finite, total) }
    }

    fn of_finite<T: Real>(values: &[T], total: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mean = total / values.len() as f64;
        let extreme = |pick: fn(T, T) -> bool| {
            values.iter().copied().fold(values[0], |best, x| if pick(x, best) { x } else { best }).to_f64()
        };
        Self {
            count: values.len() as u64,
            non_finite: 0,
            zeros: values.iter().filter(|&&x| x == T::ZERO).count() as u64,
            min: extreme(|x, best| x < best),
            max: extreme(|x, best| x > best),
            mean,
            squares: lanes(values, |x| (x - mean) * (x - mean)),
            magnitudes: lanes(values, f64::abs),
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

/// `Σ f(x)` in eight interleaved sums, which the compiler turns into vector instructions.
fn lanes<T: Real>(values: &[T], f: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let mut chunks = values.chunks_exact(8);
    for chunk in &mut chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += f(x.to_f64());
        }
    }
    let rest: f64 = chunks.remainder().iter().map(|&x| f(x.to_f64())).sum();
    sums.iter().sum::<f64>() + rest
}
