//! Units over a batch: dead ones, and those that are always saturated.

use tensor::Real;

/// For each unit, the number of its values that are active, above a threshold, and saturated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCounts {
    /// The number of values of each unit.
    pub entries: u64,
    /// For each unit, the number of its values other than 0; NaN and infinity are other than 0.
    pub active: Vec<u64>,
    /// For each unit, the number of its values whose magnitude is above the threshold; NaN is not.
    pub above_threshold: Vec<u64>,
    /// For each unit, the number of its values near an end of the function's range; NaN is not. The same as
    /// `above_threshold` if that range is −1 to 1; 0 if it is unbounded.
    pub saturated: Vec<u64>,
}

impl UnitCounts {
    /// Counts rows of `units` times `positions` values, the positions of a unit next to each other.
    ///
    /// A value is above the threshold if `|x| > threshold`. It is saturated if it is at least that share of the way from
    /// the middle of `range` to one of its ends; with an infinite end, no value is. Both are compared in the values' own
    /// precision, as in PyTorch.
    ///
    /// ```
    /// use diagnostics::UnitCounts;
    ///
    /// // Two examples of two tanh units, the first of which is saturated in both.
    /// let counts = UnitCounts::of(&[0.999_f32, 0.2, -0.995, -0.4], 2, 1, 0.99, (-1.0, 1.0));
    /// assert_eq!(counts.always_saturated().collect::<Vec<_>>(), [0]);
    /// assert_eq!(counts.saturated_share(), 0.5);
    /// ```
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    pub fn of<T: Real>(
        values: &[T],
        units: usize,
        positions: usize,
        threshold: f64,
        range: (f64, f64),
    ) -> Self {
        let row = units * positions;
        let whole = row > 0 && values.len().is_multiple_of(row);
        assert!(
            whole,
            "UnitCounts: {} values are not whole rows of {units} units with {positions} positions",
            values.len()
        );
        let (low, high) = saturation_ends(threshold, range);
        let (low, high, threshold) = (T::of(low), T::of(high), T::of(threshold));
        let [active, above_threshold, saturated] = count_units(
            values,
            units,
            positions,
            #[inline(always)]
            move |x| [x != T::ZERO, x < -threshold || x > threshold, x < low || x > high],
        );
        Self { entries: (values.len() / units) as u64, active, above_threshold, saturated }
    }

    /// The number of units.
    pub fn units(&self) -> usize {
        self.active.len()
    }

    /// The units that are 0 in every example; none without examples.
    pub fn dead(&self) -> impl Iterator<Item = usize> {
        Self::with_count(&self.active, 0).filter(|_| self.entries > 0)
    }

    /// The units that are saturated in every example; none without examples.
    pub fn always_saturated(&self) -> impl Iterator<Item = usize> {
        Self::with_count(&self.saturated, self.entries).filter(|_| self.entries > 0)
    }

    fn with_count(counts: &[u64], wanted: u64) -> impl Iterator<Item = usize> {
        counts.iter().enumerate().filter(move |&(_, &count)| count == wanted).map(|(unit, _)| unit)
    }

    /// The share of all values that are saturated; NaN without values.
    pub fn saturated_share(&self) -> f64 {
        self.share(&self.saturated)
    }

    /// The share of all values whose magnitude is above the threshold; NaN without values.
    pub fn above_threshold_share(&self) -> f64 {
        self.share(&self.above_threshold)
    }

    fn share(&self, counts: &[u64]) -> f64 {
        counts.iter().sum::<u64>() as f64 / (self.entries * self.units() as u64) as f64
    }

    /// Adds the counts of the same units over another batch.
    ///
    /// # Panics
    /// If the numbers of units differ.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        assert!(
            self.units() == other.units(),
            "merge: {} and {} units; both must be of the same layer",
            self.units(),
            other.units()
        );
        self.entries += other.entries;
        self.active.iter_mut().zip(&other.active).for_each(|(count, more)| *count += more);
        self.above_threshold.iter_mut().zip(&other.above_threshold).for_each(|(count, more)| *count += more);
        self.saturated.iter_mut().zip(&other.saturated).for_each(|(count, more)| *count += more);
    }
}

/// The bounds below and above which a value is saturated: those at this share of the way from the middle of `range` to its
/// ends; infinite if an end is.
pub(crate) fn saturation_ends(threshold: f64, (low, high): (f64, f64)) -> (f64, f64) {
    let (middle, half) = (low.midpoint(high), (high - low) / 2.0);
    if half.is_finite() {
        (middle - threshold * half, middle + threshold * half)
    } else {
        (f64::NEG_INFINITY, f64::INFINITY)
    }
}

/// The bits of a count. Three counts share a word, so that one loop over one slice of words counts all three: 0.2 ms for
/// a million values. A slice for each leaves no vector code (4.5 ms), a pass for each takes 0.5 ms.
const BITS: u32 = 10;

/// The number of rows that are counted before any count could outgrow its bits.
const AT_ONCE: usize = (1 << BITS) - 1;

/// For each of three conditions and each unit, the number of its values that meet it.
#[inline(always)]
fn count_units<T: Real>(
    values: &[T],
    units: usize,
    positions: usize,
    conditions: impl Fn(T) -> [bool; 3] + Copy,
) -> [Vec<u64>; 3] {
    let row = units * positions;
    let mut counts = [0; 3].map(|_| vec![0; units]);
    let mut words = vec![0; row];
    for rows in values.chunks(row * AT_ONCE) {
        words.fill(0);
        add_rows(rows, &mut words, conditions);
        for (unit, words) in words.chunks_exact(positions).enumerate() {
            for (count, shift) in counts.iter_mut().zip([0, BITS, 2 * BITS]) {
                count[unit] +=
                    words.iter().map(|word| u64::from(word >> shift) & AT_ONCE as u64).sum::<u64>();
            }
        }
    }
    counts
}

/// Adds the three counts of every row to the words.
#[inline(always)]
fn add_rows<T: Real>(rows: &[T], words: &mut [u32], conditions: impl Fn(T) -> [bool; 3]) {
    tensor::dispatch(
        #[inline(always)]
        move || {
            for row in rows.chunks_exact(words.len()) {
                for (word, &x) in words.iter_mut().zip(row) {
                    let [first, second, third] = conditions(x);
                    let counts =
                        u32::from(first) | u32::from(second) << BITS | u32::from(third) << (2 * BITS);
                    // A checked addition would keep the loop scalar.
                    *word = word.wrapping_add(counts);
                }
            }
        },
    );
}

/// A flag for every example and unit: the lecture's black and white picture of `|h| > 0.99`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitMap {
    /// The number of units, which is the length of a row.
    pub units: usize,
    /// The flags, one row per example.
    pub cells: Vec<bool>,
}

impl UnitMap {
    /// The map of the values for which `is` holds, in rows of `units`.
    ///
    /// ```
    /// use diagnostics::UnitMap;
    /// let map = UnitMap::of(&[0.0_f32, 1.0, 0.0, 0.5], 2, |h| h == 0.0);
    /// assert_eq!(map.rows().collect::<Vec<_>>(), [[true, false], [true, false]]);
    /// assert_eq!(map.everywhere().collect::<Vec<_>>(), [0]); // a dead unit
    /// ```
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], units: usize, is: impl Fn(T) -> bool) -> Self {
        let whole = units > 0 && values.len().is_multiple_of(units);
        assert!(whole, "UnitMap: {} values are not whole rows of {units} units", values.len());
        Self { units, cells: values.iter().map(|&x| is(x)).collect() }
    }

    /// The rows, one per example.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.cells.chunks_exact(self.units)
    }

    /// The units whose flag is set in every example; none without examples.
    pub fn everywhere(&self) -> impl Iterator<Item = usize> {
        let all = |unit: usize| self.rows().all(|row| row[unit]);
        (0..self.units).filter(move |&unit| !self.cells.is_empty() && all(unit))
    }
}
