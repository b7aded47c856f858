//! The two vector loops of a summary, over a chunk that stays in the cache between them.
//!
//! What does not need the mean is in the first, where additions that wait for each other leave room for it: third
//! and fourth powers in the second then cost little, and neither loop runs out of vector registers.

use tensor::Real;

/// Interleaved sums, one for every eighth value, which the compiler turns into vector instructions.
const WIDTH: usize = 8;

/// What is known of a chunk without its mean.
pub(crate) struct Values {
    /// `Σ x`; not finite if a value is not, or if it overflows.
    pub(crate) total: f64,
    /// `Σ |x|`.
    pub(crate) magnitudes: f64,
    pub(crate) zeros: u64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// In the values' own precision where that is exact; `zeros` are floats so that they count in the same vectors.
#[derive(Clone, Copy)]
struct ValueLanes<T> {
    totals: [f64; WIDTH],
    magnitudes: [f64; WIDTH],
    zeros: [T; WIDTH],
    min: [T; WIDTH],
    max: [T; WIDTH],
}

impl Values {
    pub(crate) fn of<T: Real>(chunk: &[T]) -> Self {
        let (groups, rest) = chunk.as_chunks::<WIDTH>();
        let mut lanes = tensor::dispatch(
            #[inline(always)]
            move || {
                let mut lanes = ValueLanes::none();
                for group in groups {
                    for (lane, &x) in group.iter().enumerate() {
                        lanes.totals[lane] += x.to_f64();
                        lanes.add(lane, x);
                    }
                }
                lanes
            },
        );
        rest.iter().enumerate().for_each(|(lane, &x)| lanes.add(lane, x));
        let rest = rest.iter().map(|x| x.to_f64()).sum::<f64>();
        Self {
            total: lanes.totals.iter().sum::<f64>() + rest,
            magnitudes: lanes.magnitudes.iter().sum(),
            zeros: lanes.zeros.iter().map(|x| x.to_f64()).sum::<f64>() as u64,
            min: lanes.min.iter().map(|x| x.to_f64()).fold(f64::INFINITY, f64::min),
            max: lanes.max.iter().map(|x| x.to_f64()).fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

impl<T: Real> ValueLanes<T> {
    #[inline(always)]
    fn none() -> Self {
        let (min, max) = ([T::of(f64::INFINITY); WIDTH], [T::of(f64::NEG_INFINITY); WIDTH]);
        Self { totals: [0.0; WIDTH], magnitudes: [0.0; WIDTH], zeros: [T::ZERO; WIDTH], min, max }
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, x: T) {
        self.magnitudes[lane] += x.to_f64().abs();
        self.zeros[lane] += if x == T::ZERO { T::ONE } else { T::ZERO };
        self.min[lane] = if x < self.min[lane] { x } else { self.min[lane] };
        self.max[lane] = if x > self.max[lane] { x } else { self.max[lane] };
    }
}

/// `Σ (x − mean)ᵏ` of a chunk for k = 2, 3 and 4.
pub(crate) struct Powers {
    pub(crate) squares: f64,
    pub(crate) cubes: f64,
    pub(crate) fourths: f64,
}

#[derive(Clone, Copy, Default)]
struct PowerLanes {
    squares: [f64; WIDTH],
    cubes: [f64; WIDTH],
    fourths: [f64; WIDTH],
}

impl Powers {
    pub(crate) fn of<T: Real>(chunk: &[T], mean: f64) -> Self {
        let (groups, rest) = chunk.as_chunks::<WIDTH>();
        let mut lanes = tensor::dispatch(
            #[inline(always)]
            move || {
                let mut lanes = PowerLanes::default();
                for group in groups {
                    for (lane, x) in group.iter().enumerate() {
                        lanes.add(lane, x.to_f64() - mean);
                    }
                }
                lanes
            },
        );
        rest.iter().enumerate().for_each(|(lane, x)| lanes.add(lane, x.to_f64() - mean));
        let [squares, cubes, fourths] =
            [lanes.squares, lanes.cubes, lanes.fourths].map(|lanes| lanes.iter().sum());
        Self { squares, cubes, fourths }
    }
}

impl PowerLanes {
    #[inline(always)]
    fn add(&mut self, lane: usize, deviation: f64) {
        let square = deviation * deviation;
        self.squares[lane] += square;
        self.cubes[lane] += square * deviation;
        self.fourths[lane] += square * square;
    }
}
