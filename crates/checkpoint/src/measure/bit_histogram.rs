//! A histogram that needs no scale: bins are the upper bits of a floating-point number.

use super::number::MeasuredNumber;
use crate::Dtype;

/// The number of bins: sign, exponent and three bits of the fraction.
pub(super) const BINS: usize = 1 << 12;

/// The number of finite values in each of 4,096 bins, which are numbers with the same upper twelve bits in single
/// precision: the sign, the exponent and three bits of the fraction. So eight bins span each power of two, and one pass
/// over values of any scale suffices. Zero is in the bins that begin at 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitHistogram {
    /// The bins that are not empty, in the order of their bits.
    counts: Vec<(u16, u64)>,
}

/// A bin of a [`BitHistogram`]: the values of which a type's rounding puts into it, and their number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistogramBin {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// The number of values.
    pub count: u64,
}

impl BitHistogram {
    /// The histogram with these counts, in the order of the bins' bits. Counts of NaN and ∞ are left out.
    pub(super) fn of_counts(counts: &[u64]) -> Self {
        let filled = counts.iter().enumerate().filter(|&(bin, &count)| count > 0 && bin & 0x7f8 != 0x7f8);
        Self { counts: filled.map(|(bin, &count)| (bin as u16, count)).collect() }
    }

    /// The number of values in all bins.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|&(_, count)| count).sum()
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Self) {
        for &(bin, count) in &other.counts {
            match self.counts.binary_search_by_key(&bin, |&(bin, _)| bin) {
                Ok(at) => self.counts[at].1 += count,
                Err(at) => self.counts.insert(at, (bin, count)),
            }
        }
    }

    /// The magnitudes from `near` to `far` at which a bin of values of type `dtype` begins, in ascending order.
    pub(crate) fn magnitudes(near: f64, far: f64, dtype: &Dtype) -> impl Iterator<Item = f64> + use<> {
        let rounding = Rounding::of(dtype);
        let bin = |x: f64| ((x as f32).to_bits() >> 20) as u16;
        // In half precision some bins contain no number and end where they begin.
        let mut last = 0.0;
        (bin(near).max(1)..=bin(far).min(FINITE)).map(move |bin| rounding.edge(bin)).filter(move |&edge| {
            let fresh = edge > last;
            last = edge;
            fresh
        })
    }

    /// The bins that are not empty, from the smallest numbers to the largest.
    ///
    /// Their ends are those of the real numbers that round into them in values of type `dtype`: half a unit in the last
    /// place below the numbers with the bin's bits. So a normal distribution that was rounded to bf16 still has the
    /// probability of each bin. Empty bins between them are the gaps; in half precision, some contain no number at all.
    ///
    /// ```
    /// use checkpoint::{Dtype, TensorSummary};
    ///
    /// let values = [-0.3_f32, 0.26, 0.27, 0.5];
    /// let summary = TensorSummary::of_f32(&[4], &values);
    /// let bins: Vec<_> = summary.histogram.bins(&Dtype::F32).collect();
    /// assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [1, 2, 1]);
    /// // A unit in the last place below 1/4 is 2⁻²⁶, and half of one is 2⁻²⁷.
    /// assert_eq!((bins[1].lower, bins[1].upper), (0.25 - 2f64.powi(-27), 0.28125 - 2f64.powi(-26)));
    /// ```
    pub fn bins(&self, dtype: &Dtype) -> impl Iterator<Item = HistogramBin> + use<> {
        let rounding = Rounding::of(dtype);
        let split = self.counts.partition_point(|&(bin, _)| bin < NEGATIVE);
        let (positive, negative) = self.counts.split_at(split);
        // Magnitudes of negative numbers grow with their bits.
        let ordered: Vec<_> = negative.iter().rev().chain(positive).copied().collect();
        ordered.into_iter().map(move |(bin, count)| {
            let magnitude = bin & (NEGATIVE - 1);
            let (inner, outer) = (rounding.edge(magnitude), rounding.edge(magnitude + 1));
            let (lower, upper) = if bin < NEGATIVE { (inner, outer) } else { (-outer, -inner) };
            HistogramBin { lower, upper, count }
        })
    }
}

/// The last bin of positive finite numbers.
const FINITE: u16 = 0x7f7;

/// The first bin of negative numbers.
pub(super) const NEGATIVE: u16 = 1 << 11;

/// The number of copies of each count. Neighbouring values often fall into the same bin, and a count that was just stored
/// is not there to be read at once.
const COPIES: usize = 4;

/// Counts of all bins, NaN and ∞ included, while the values of a chunk are added.
#[derive(Clone, Debug)]
pub(super) struct BinCounts(Box<[[u32; BINS]; COPIES]>);

impl Default for BinCounts {
    fn default() -> Self {
        Self(Box::new([[0; BINS]; COPIES]))
    }
}

impl BinCounts {
    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(|counts| counts.fill(0));
    }

    #[inline(always)]
    pub(super) fn add<T: MeasuredNumber>(&mut self, values: &[T]) {
        let [a, b, c, d] = &mut *self.0;
        let (fours, rest) = values.as_chunks::<COPIES>();
        for [x, y, z, w] in fours {
            a[x.bin()] += 1;
            b[y.bin()] += 1;
            c[z.bin()] += 1;
            d[w.bin()] += 1;
        }
        rest.iter().for_each(|x| a[x.bin()] += 1);
    }

    /// The bins that are not empty, in the order of their bits.
    pub(super) fn filled(&self) -> Vec<(u16, u64)> {
        let [a, b, c, d] = &*self.0;
        let count = |bin: usize| u64::from(a[bin] + b[bin] + c[bin] + d[bin]);
        (0..BINS).map(|bin| (bin as u16, count(bin))).filter(|(_, count)| *count > 0).collect()
    }
}

/// The numbers of a type: how many bits their fraction has, and the power of two by which the smallest of them differ.
#[derive(Clone, Copy)]
struct Rounding {
    fraction: i32,
    smallest: i32,
}

impl Rounding {
    fn of(dtype: &Dtype) -> Self {
        match dtype {
            Dtype::F16 => Self { fraction: 10, smallest: -24 },
            Dtype::Bf16 => Self { fraction: 7, smallest: -133 },
            // Doubles are put into bins as singles.
            Dtype::F32 | Dtype::F64 | Dtype::Other(_) => Self { fraction: 23, smallest: -149 },
        }
    }

    /// The magnitude from which a number rounds to one with the upper bits `bin` or more: the middle between the
    /// smallest number of the type with such bits and its predecessor.
    fn edge(self, bin: u16) -> f64 {
        if bin == 0 {
            return 0.0;
        }
        let (exponent, fraction) = (i32::from(bin >> 3), f64::from(bin & 7));
        let (magnitude, octave) = match exponent {
            0 => (fraction / 8.0 * 2f64.powi(-126), -127),
            _ => ((1.0 + fraction / 8.0) * 2f64.powi(exponent - 127), exponent - 127),
        };
        // Just below a power of two, numbers lie twice as dense as above it.
        let below = if fraction == 0.0 { octave - 1 } else { octave };
        let spacing = 2f64.powi((below - self.fraction).max(self.smallest));
        let predecessor = ((magnitude / spacing).ceil() - 1.0) * spacing;
        predecessor + spacing / 2.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(bins: &[usize]) -> BitHistogram {
        let mut counts = [0; BINS];
        bins.iter().for_each(|&bin| counts[bin] += 1);
        BitHistogram::of_counts(&counts)
    }

    #[test]
    fn bins_are_in_numeric_order_and_adjacent() {
        let every: Vec<_> = (0..BINS).collect();
        for dtype in [Dtype::F32, Dtype::F16, Dtype::Bf16] {
            let bins: Vec<_> = of(&every).bins(&dtype).collect();
            assert_eq!(bins.len(), 2 * 8 * 255, "those of NaN and ∞ are left out");
            for pair in bins.windows(2) {
                assert_eq!(pair[0].upper, pair[1].lower, "{dtype}");
                assert!(pair[0].lower <= pair[0].upper, "{dtype}");
            }
            assert!(bins[0].lower < -3e38 && bins.last().unwrap().upper > 3e38);
        }
    }

    #[test]
    fn ends_are_where_rounding_changes_the_bin() {
        let half = |bits: u16| f64::from(crate::testing::half::f16::from_bits(bits));
        let edges = Rounding::of(&Dtype::F16);
        for bin in 1..0x7f8_u16 {
            let edge = edges.edge(bin);
            if edge > half(0x7bff) {
                continue;
            }
            // Ties go to the even neighbour, so both sides are looked at.
            let above = crate::testing::half::f16::from_f64(edge * (1.0 + 1e-6)).to_f32().to_bits() >> 20;
            let below = crate::testing::half::f16::from_f64(edge * (1.0 - 1e-6)).to_f32().to_bits() >> 20;
            assert!(above >= u32::from(bin) && below < u32::from(bin), "bin {bin:x}: {below:x} {above:x}");
        }
        let edges = Rounding::of(&Dtype::Bf16);
        for bin in 9..0x7f8_u16 {
            let edge = edges.edge(bin);
            let above = crate::testing::half::bf16::from_f64(edge * (1.0 + 1e-6)).to_f32().to_bits() >> 20;
            let below = crate::testing::half::bf16::from_f64(edge * (1.0 - 1e-6)).to_f32().to_bits() >> 20;
            assert!(above >= u32::from(bin) && below < u32::from(bin), "bin {bin:x}: {below:x} {above:x}");
        }
    }

    proptest! {
        #[test]
        fn merged_counts_are_those_of_all(a in prop::collection::vec(0..0x7f8_usize, 0..50), b in prop::collection::vec(0x800..0xff8_usize, 0..50)) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            merged.merge(&of(&a));
            prop_assert_eq!(merged.total() as usize, 2 * a.len() + b.len());
            prop_assert_eq!(merged, of(&[a.clone(), a, b].concat()));
        }
    }
}
