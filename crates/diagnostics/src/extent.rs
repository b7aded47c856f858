//! The range of values, without what is not finite.

use tensor::Real;

/// The range of values up to a limit, and that of their magnitudes without zeros. Of nothing: +∞ down to −∞.
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// The least magnitude above 0 that a double holds in full precision.
    pub(crate) least: f64,
}

const WIDTH: usize = 8;

/// Interleaved, one for every eighth value.
#[derive(Clone, Copy)]
struct Lanes {
    min: [f64; WIDTH],
    max: [f64; WIDTH],
    least: [f64; WIDTH],
}

impl Extent {
    /// Of the values with `|x| ≤ limit`, which is finite.
    pub(crate) fn of<T: Real>(values: &[T], limit: f64) -> Self {
        let (groups, rest) = values.as_chunks::<WIDTH>();
        let mut lanes = tensor::dispatch(
            #[inline(always)]
            move || {
                let mut lanes = Lanes::none();
                for group in groups {
                    for (lane, x) in group.iter().enumerate() {
                        lanes.add(lane, x.to_f64(), limit);
                    }
                }
                lanes
            },
        );
        rest.iter().enumerate().for_each(|(lane, x)| lanes.add(lane, x.to_f64(), limit));
        let least_of = |lanes: [f64; WIDTH]| lanes.into_iter().fold(f64::INFINITY, f64::min);
        let max = lanes.max.into_iter().fold(f64::NEG_INFINITY, f64::max);
        Self { min: least_of(lanes.min), max, least: least_of(lanes.least) }
    }

    /// The largest magnitude; minus infinity of nothing.
    pub(crate) fn most(&self) -> f64 {
        self.max.max(-self.min)
    }
}

impl Lanes {
    #[inline(always)]
    fn none() -> Self {
        let (low, high) = ([f64::INFINITY; WIDTH], [f64::NEG_INFINITY; WIDTH]);
        Self { min: low, max: high, least: low }
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, x: f64, limit: f64) {
        let magnitude = x.abs();
        let (low, high) = if magnitude <= limit { (x, x) } else { (f64::INFINITY, f64::NEG_INFINITY) };
        let least = if magnitude >= f64::MIN_POSITIVE { magnitude } else { f64::INFINITY };
        self.min[lane] = if low < self.min[lane] { low } else { self.min[lane] };
        self.max[lane] = if high > self.max[lane] { high } else { self.max[lane] };
        self.least[lane] = if least < self.least[lane] { least } else { self.least[lane] };
    }
}
