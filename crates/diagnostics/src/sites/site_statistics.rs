//! The numbers of one site, and how they are measured.

use super::SiteKind;
use super::axes::SiteAxes;
use super::fields::{statistics, summarised};
use super::probability_rows::ProbabilityRows;
use super::values::{Chunk, SiteValues};
use crate::stats::{Geometry, Quantiles, Summary, saturation_ends};
use tensor::Real;

statistics! {
    /// The statistics of one site's values, and of the gradient of the loss at them. NaN: not measured.
    SiteStatistics {
        /// The number of finite values.
        count,
        /// The number of values that are NaN or infinite.
        non_finite,
        /// The number of values that are 0.
        zeros,
        /// The mean.
        mean,
        /// The standard deviation, divided by n − 1.
        std,
        /// The root mean square.
        rms,
        /// The smallest value.
        min,
        /// The largest value.
        max,
        /// The skew.
        skew,
        /// The kurtosis: 3 for normal values.
        kurtosis,
        /// The 5% quantile.
        q05,
        /// The 25% quantile.
        q25,
        /// The median.
        q50,
        /// The 75% quantile.
        q75,
        /// The 95% quantile.
        q95,
        /// The number of examples.
        examples,
        /// The number of units.
        units,
        /// The number of values of one unit in one example.
        positions,
        /// The root mean square, over units, of the mean of a unit.
        unit_mean_rms,
        /// The share of units that are 0 everywhere.
        dead_units,
        /// The share of units that have one value everywhere.
        constant_units,
        /// The share of units, among those that are not constant, whose values are everywhere those of another unit.
        equal_units,
        /// The root mean square, over examples and positions, of the mean over units, divided by the root mean square of all
        /// values: 1/√units for independent units of mean 0, and 1 if all units agree.
        offset,
        /// The share of values near an end of the function's range.
        saturated,
        /// The share of units that are near an end everywhere.
        always_saturated,
        /// The mean cosine similarity of two of at most 128 examples.
        mean_cosine,
        /// The effective rank of at most 128 examples.
        effective_rank,
        /// The mean entropy of rows of probabilities, in nats.
        entropy,
        /// The mean number of probabilities above 0 in a row.
        keys,
        /// The mean of the largest probability of a row.
        largest,
        /// The share of rows, among those with several probabilities above 0, whose largest is above 0.99.
        one_hot,
        /// The number of finite gradients.
        gradient_count,
        /// The number of gradients that are NaN or infinite.
        gradient_non_finite,
        /// The number of gradients that are 0.
        gradient_zeros,
        /// The root mean square of the gradient.
        gradient_rms,
        /// The mean magnitude of the gradient.
        gradient_mean_abs,
    }
}

summarised!(SiteStatistics);

impl SiteStatistics {
    /// The root of the mean, over examples, of the squared length of an example's gradient. It does not depend on the
    /// resolution, as the gradient per value does.
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_rms * ((self.gradient_count + self.gradient_non_finite) / self.examples).sqrt()
    }

    /// Fills in the quantiles.
    pub(crate) fn add_quantiles(&mut self, quantiles: &Quantiles) {
        self.q05 = quantiles.quantile(0.05);
        self.q25 = quantiles.quantile(0.25);
        self.q50 = quantiles.quantile(0.5);
        self.q75 = quantiles.quantile(0.75);
        self.q95 = quantiles.quantile(0.95);
    }

    /// Fills in what a summary of the gradient knows.
    pub(crate) fn add_gradient_summary(&mut self, summary: &Summary) {
        self.add_gradient_size(summary);
        self.gradient_mean_abs = summary.mean_abs();
    }

    /// Measures values. `range` is that of a bounded function.
    pub(super) fn of(values: SiteValues<'_>, axes: &SiteAxes, kind: SiteKind, range: (f64, f64)) -> Self {
        let mut record = Self {
            examples: axes.examples as f64,
            units: axes.units as f64,
            positions: axes.positions() as f64,
            ..Self::UNKNOWN
        };
        let summary = values.summary();
        record.add_summary(&summary);
        record.add_quantiles(&values.quantiles_within(&summary.range()));
        let mut units = UnitSums::of(axes, saturation_ends(SATURATION, range));
        values.blocks(axes.slab(), |_, chunk| units.add(chunk));
        units.finish(&mut record);
        if kind == SiteKind::Softmax {
            let mut rows = ProbabilityRows::default();
            values.blocks(axes.slab(), |_, chunk| rows.add(chunk, axes));
            rows.finish(&mut record);
        }
        if axes.example_first && axes.examples > 1 && axes.slab() > 0 {
            let geometry = compared_examples(values, axes);
            record.mean_cosine = geometry.mean_cosine_similarity;
            record.effective_rank = geometry.effective_rank;
        }
        record
    }
}

/// The number of values per example by which examples are compared: cosines then have a standard error of 1/64.
const COMPARED: usize = 4096;

/// The largest number of examples that are compared: their products take the square of it, as long as a layer's own for more.
const COMPARED_EXAMPLES: usize = 128;

/// The geometry of evenly spaced examples.
fn compared_examples(values: SiteValues<'_>, axes: &SiteAxes) -> Geometry {
    let (examples, size) = (axes.examples.min(COMPARED_EXAMPLES), axes.slab().max(1));
    Geometry::sampled(examples, size, COMPARED, |row, column| {
        values.get(row * axes.examples / examples * size + column)
    })
}

/// The threshold of saturation: the share of the way from the middle of a range to its ends.
const SATURATION: f64 = 0.99;

/// Sums over the values of each unit, and over the units of each position.
struct UnitSums {
    axes: SiteAxes,
    units: UnitColumns,
    ends: (f64, f64),
    /// The sum of the squares of means over units.
    squared_means: f64,
    means: u64,
}

/// One number for each unit, column by column: neighbours are computed at once.
struct UnitColumns {
    sums: Vec<f64>,
    /// Products with numbers that differ from place to place: two units with the same values have the same of both.
    products: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    saturated: Vec<u64>,
}

impl UnitSums {
    fn of(axes: &SiteAxes, ends: (f64, f64)) -> Self {
        let column = |value| vec![value; axes.units];
        let units = UnitColumns {
            sums: column(0.0),
            products: column(0.0),
            low: column(f64::INFINITY),
            high: column(f64::NEG_INFINITY),
            saturated: vec![0; axes.units],
        };
        Self { axes: *axes, units, ends, squared_means: 0.0, means: 0 }
    }

    fn add(&mut self, chunk: Chunk<'_>) {
        match chunk {
            Chunk::F32(values) => self.add_values(values),
            Chunk::F64(values) => self.add_values(values),
        }
    }

    fn add_values<T: Real>(&mut self, values: &[T]) {
        let SiteAxes { units, after, .. } = self.axes;
        let mut of_position = vec![0.0; after];
        for rows in values.chunks_exact((units * after).max(1)) {
            let places = self.means..self.means + after as u64;
            if after == 1 {
                of_position[0] = self.units.add_one_each(rows, spread(self.means), self.ends);
            } else {
                let weights: Vec<f64> = places.map(spread).collect();
                of_position.fill(0.0);
                for (unit, row) in rows.chunks_exact(after.max(1)).enumerate() {
                    self.units.add_row(unit, row, &weights, self.ends, &mut of_position);
                }
            }
            self.squared_means += of_position.iter().map(|sum| (sum / units as f64).powi(2)).sum::<f64>();
            self.means += after as u64;
        }
    }

    fn finish(&self, record: &mut SiteStatistics) {
        let units = self.axes.units;
        let UnitColumns { sums, products, low, high, saturated } = &self.units;
        let share = |count: usize| if units == 0 { f64::NAN } else { count as f64 / units as f64 };
        let each = (self.means as f64).max(1.0);
        let means: f64 = sums.iter().map(|sum| (sum / each).powi(2)).sum();
        record.unit_mean_rms = (means / units as f64).sqrt();
        let range = || low.iter().zip(high);
        record.dead_units = share(range().filter(|&(&low, &high)| low == 0.0 && high == 0.0).count());
        record.constant_units = share(range().filter(|(low, high)| low == high).count());
        let pairs: Vec<[f64; 2]> = sums.iter().zip(products).map(|(&sum, &product)| [sum, product]).collect();
        record.equal_units = equal_share(&pairs, |unit| low[unit] < high[unit], record.rms * each);
        record.offset = (self.squared_means / self.means as f64).sqrt() / record.rms;
        if (self.ends.1 - self.ends.0).is_finite() {
            record.saturated = saturated.iter().sum::<u64>() as f64 / (record.count + record.non_finite);
            record.always_saturated = share(saturated.iter().filter(|&&count| count as f64 == each).count());
        }
    }
}

/// The number of interleaved sums that the compiler turns into vector instructions.
const WIDTH: usize = 8;

impl UnitColumns {
    /// Adds one value to each unit, and returns their sum.
    fn add_one_each<T: Real>(&mut self, row: &[T], weight: f64, ends: (f64, f64)) -> f64 {
        let units = row.len();
        let (sums, products) = (&mut self.sums[..units], &mut self.products[..units]);
        let (low, high) = (&mut self.low[..units], &mut self.high[..units]);
        let saturated = &mut self.saturated[..units];
        let is_bounded = (ends.1 - ends.0).is_finite();
        tensor::dispatch(
            #[inline(always)]
            move || {
                // Three loops: of one over six slices the compiler cannot tell that they do not overlap, and it stays scalar.
                for unit in 0..units {
                    let x = row[unit].to_f64();
                    sums[unit] += x;
                    products[unit] += x * weight;
                }
                for unit in 0..units {
                    let x = row[unit].to_f64();
                    low[unit] = smaller(x, low[unit]);
                    high[unit] = larger(x, high[unit]);
                }
                if is_bounded {
                    for unit in 0..units {
                        saturated[unit] += u64::from(is_outside(row[unit].to_f64(), ends));
                    }
                }
                let (groups, rest) = row.as_chunks::<WIDTH>();
                let mut lanes = [0.0; WIDTH];
                for group in groups {
                    for lane in 0..WIDTH {
                        lanes[lane] += group[lane].to_f64();
                    }
                }
                lanes.iter().sum::<f64>() + rest.iter().map(|x| x.to_f64()).sum::<f64>()
            },
        )
    }

    /// Adds many values of one unit, and each of them to the sum of its position.
    fn add_row<T: Real>(
        &mut self,
        unit: usize,
        row: &[T],
        weights: &[f64],
        ends: (f64, f64),
        of_position: &mut [f64],
    ) {
        let start = UnitLanes::of(self.low[unit], self.high[unit]);
        let whole = row.len() / WIDTH * WIDTH;
        let (of_lanes, of_rest) = of_position.split_at_mut(whole);
        let mut lanes = tensor::dispatch(
            #[inline(always)]
            move || {
                let mut lanes = start;
                let groups = row.as_chunks::<WIDTH>().0.iter().zip(weights.as_chunks::<WIDTH>().0);
                for ((group, weights), positions) in groups.zip(of_lanes.as_chunks_mut::<WIDTH>().0) {
                    for lane in 0..WIDTH {
                        let x = group[lane].to_f64();
                        positions[lane] += x;
                        lanes.add(lane, x, weights[lane], ends);
                    }
                }
                lanes
            },
        );
        for (lane, (x, position)) in row[whole..].iter().zip(of_rest).enumerate() {
            *position += x.to_f64();
            lanes.add(lane, x.to_f64(), weights[whole + lane], ends);
        }
        self.sums[unit] += lanes.sum.iter().sum::<f64>();
        self.products[unit] += lanes.product.iter().sum::<f64>();
        self.low[unit] = lanes.low.into_iter().fold(f64::INFINITY, smaller);
        self.high[unit] = lanes.high.into_iter().fold(f64::NEG_INFINITY, larger);
        self.saturated[unit] += lanes.saturated.iter().sum::<u64>();
    }
}

/// The numbers of one unit in interleaved parts.
#[derive(Clone, Copy)]
struct UnitLanes {
    sum: [f64; WIDTH],
    product: [f64; WIDTH],
    low: [f64; WIDTH],
    high: [f64; WIDTH],
    saturated: [u64; WIDTH],
}

impl UnitLanes {
    fn of(low: f64, high: f64) -> Self {
        Self {
            sum: [0.0; WIDTH],
            product: [0.0; WIDTH],
            low: [low; WIDTH],
            high: [high; WIDTH],
            saturated: [0; WIDTH],
        }
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, x: f64, weight: f64, ends: (f64, f64)) {
        self.sum[lane] += x;
        self.product[lane] += x * weight;
        self.low[lane] = smaller(x, self.low[lane]);
        self.high[lane] = larger(x, self.high[lane]);
        self.saturated[lane] += u64::from(is_outside(x, ends));
    }
}

/// The smaller of two numbers; the second if the first is NaN.
#[inline(always)]
fn smaller(x: f64, low: f64) -> f64 {
    if x < low { x } else { low }
}

/// The larger of two numbers; the second if the first is NaN.
#[inline(always)]
fn larger(x: f64, high: f64) -> f64 {
    if x > high { x } else { high }
}

#[inline(always)]
fn is_outside(x: f64, ends: (f64, f64)) -> bool {
    (x < ends.0) | (x > ends.1)
}

/// A number in ±1 that differs from place to place without a pattern (Weyl's sequence of the golden ratio, hashed).
pub(super) fn spread(place: u64) -> f64 {
    let mixed = (place.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The share of those units that are `considered` whose two sums are those of another such unit, to a millionth of `scale`:
/// more than the rounding of products in single precision that are summed in another order.
pub(super) fn equal_share(sums: &[[f64; 2]], considered: impl Fn(usize) -> bool, scale: f64) -> f64 {
    let mut units: Vec<[f64; 2]> =
        (0..sums.len()).filter(|&unit| considered(unit)).map(|unit| sums[unit]).collect();
    if units.len() < 2 {
        return 0.0;
    }
    units.sort_by(|a, b| a[1].total_cmp(&b[1]));
    let equal = |a: &[f64; 2], b: &[f64; 2]| (0..2).all(|i| (a[i] - b[i]).abs() <= 1e-6 * scale);
    let twin = |at: usize| {
        (at > 0 && equal(&units[at - 1], &units[at]))
            || units.get(at + 1).is_some_and(|next| equal(next, &units[at]))
    };
    (0..units.len()).filter(|&at| twin(at)).count() as f64 / units.len() as f64
}
